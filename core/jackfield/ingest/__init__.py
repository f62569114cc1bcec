"""The engine: takes records from the log through the pipeline into the event store."""
