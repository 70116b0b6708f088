"""The options of a training, and the recipes and optimizers that they name."""
