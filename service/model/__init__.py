"""A model file to probabilities; knows no web and no pictures."""
