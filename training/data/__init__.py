"""The Fashion-MNIST files: downloaded, checked and read."""
