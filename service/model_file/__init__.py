"""Turns an .h5 file into an examined model, in a child process."""
