"""Migrations of the tables in `models`."""
