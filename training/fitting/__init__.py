"""From data and options to a model file."""
