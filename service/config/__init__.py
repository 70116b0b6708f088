"""The service's settings and API keys."""
