"""Keeps things: the event log, the event store, the metadata database and what lives in it. Knows no request and no plugin."""
