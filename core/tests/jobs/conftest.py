"""Metadata databases for the tests of this room."""

from tests.databases import database, environment, postgres_environment, postgres_url, sqlite_environment, sqlite_template

__all__ = ["database", "environment", "postgres_environment", "postgres_url", "sqlite_environment", "sqlite_template"]
