"""Takes requests, answers them, and appends them to the log."""
