"""The API: composes the schema from core's and plugins' parts and answers requests."""
