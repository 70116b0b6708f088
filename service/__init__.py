"""A REST service that classifies pictures of clothes with a Keras model."""

__version__ = "0.1.0"
