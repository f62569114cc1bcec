"""Measures what Jackfield promises: `python -m bench`. Not shipped, and not a test: it needs a quiet machine."""
