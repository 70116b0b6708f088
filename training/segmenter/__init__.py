"""The network that finds the garment in a photograph, and how it is trained."""
