"""Compiles questions to guarded SQL and runs them."""
