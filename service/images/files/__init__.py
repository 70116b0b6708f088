"""A picture file to pixels, within bounds."""
