"""A photograph to 28×28 pixels: find the garment, and draw it as the data set would."""
