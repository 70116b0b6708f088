"""How good a model file is, in numbers and pictures."""
