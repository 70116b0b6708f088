"""The service measured beside others: `make bench`, `make bench-steps`, `make bench-growth`."""
