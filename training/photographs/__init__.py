"""Photographs as training data."""
