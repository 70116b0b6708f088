"""An .h5 file to an examined model, in a child process."""
