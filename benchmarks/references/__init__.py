"""The servers that the service is compared with, each with the same model."""
