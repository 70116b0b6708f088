"""The service measured against other servers, and what its parts cost."""
