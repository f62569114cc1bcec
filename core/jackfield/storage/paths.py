"""Where things lie in the data folder."""

from pathlib import Path

from jackfield.host.configuration import Configuration


def log_directory(configuration: Configuration) -> Path:
    """Return the folder of the event log."""
    return configuration.data_dir / "log"


def store_directory(configuration: Configuration) -> Path:
    """Return the folder of the embedded event store."""
    return configuration.data_dir / "store"


def up_lock(configuration: Configuration) -> Path:
    """Return the file that `jackfield up` locks, so that two servers never share a data folder."""
    return configuration.data_dir / "run" / "up.lock"


def left_out_list(configuration: Configuration) -> Path:
    """Return the file in which processes tell one another which plugins cannot be built, one JSON object per line."""
    return configuration.data_dir / "run" / "left_out.jsonl"


def query_socket(configuration: Configuration) -> Path:
    """Return the socket by which web workers ask the engine."""
    return configuration.data_dir / "run" / "engine.sock"
