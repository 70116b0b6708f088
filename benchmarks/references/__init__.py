"""The servers that the service is measured against, each on the same model."""
