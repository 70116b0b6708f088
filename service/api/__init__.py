"""What HTTP means here; `app` is the table of contents."""
