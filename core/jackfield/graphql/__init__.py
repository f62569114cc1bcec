"""The API: composes the plugins' parts into one schema and answers requests over it."""
