"""A file's bytes to 28×28 pixels; knows no web, no model and no settings."""
