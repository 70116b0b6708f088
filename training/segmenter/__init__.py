"""Trains the network that finds the garment in a photograph."""
