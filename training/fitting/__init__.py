"""One training, from the split to the best weights."""
