"""Folders of photographs as training data."""
