"""Trains Keras classifiers on Fashion-MNIST and writes the model file that the service serves."""
