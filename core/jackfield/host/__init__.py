"""Discovers plugins, validates and orders what they contribute, and gives each its context."""
