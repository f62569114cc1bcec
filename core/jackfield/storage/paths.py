"""Where things lie in the data folder."""

from pathlib import Path

from jackfield.host.configuration import Configuration


def log_directory(configuration: Configuration) -> Path:
    """Return the folder of the event log."""
    return configuration.data_dir / "log"


def store_directory(configuration: Configuration) -> Path:
    """Return the folder of the embedded event store."""
    return configuration.data_dir / "store"


def query_socket(configuration: Configuration) -> Path:
    """Return the socket by which web workers ask the engine."""
    return configuration.data_dir / "run" / "engine.sock"
