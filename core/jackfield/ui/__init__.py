"""Serves the shell and the pages of plugins."""
