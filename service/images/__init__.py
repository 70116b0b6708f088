"""Bytes to a 28×28 grey picture; knows no web and no model."""
