"""An examined model to calibrated probabilities; knows no web and no settings."""
