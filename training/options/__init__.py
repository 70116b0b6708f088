"""What a training can be told: options, recipes, optimizers and schedules."""
