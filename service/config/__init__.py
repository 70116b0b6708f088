"""What whoever runs the service may set."""
