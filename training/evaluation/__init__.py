"""How good a model is: on the test set, on photographs, and compared with Keras."""
