"""The file of the embedded event log: one SQLite database per lane and web worker. Opens it; knows nothing of threads or batches."""

import sqlite3
from pathlib import Path
from typing import Final, Literal

from jackfield_sdk import Misconfigured

Durability = Literal["fsync", "process"]

VERSION: Final = 1
"""Of the tables below. Whoever changes them counts up, for a file may be older than the program."""

# AUTOINCREMENT matters: without it SQLite would start at id 1 again once the table is empty, batch tokens would repeat, and the
# event store would drop new events as copies of old ones.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER NOT NULL, weight INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS plan (
    id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL, low INTEGER NOT NULL DEFAULT 0, high INTEGER,
    suspect INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, checked INTEGER NOT NULL DEFAULT 0,
    repeated TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, subscriber TEXT NOT NULL, project_id INTEGER NOT NULL, event TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_by_subscriber ON outbox (subscriber, id);
CREATE TABLE IF NOT EXISTS dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, project_id INTEGER NOT NULL, record_id TEXT NOT NULL, position INTEGER,
    plugin TEXT NOT NULL, reason TEXT NOT NULL, event TEXT NOT NULL, uuid TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dead_record (record_id TEXT PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS dropped (
    day TEXT NOT NULL, project_id INTEGER NOT NULL, reason TEXT NOT NULL, events INTEGER NOT NULL,
    PRIMARY KEY (day, project_id, reason)) WITHOUT ROWID;
INSERT OR IGNORE INTO about VALUES ('completed_bytes', 0);
INSERT OR IGNORE INTO about VALUES ('file_id', lower(hex(randomblob(16))));
"""


def log_path(directory: Path, lane: str, slot: int) -> Path:
    """Return the file of one web worker."""
    return directory / f"{lane}-{slot}.db"


def log_files(directory: Path, lane: str) -> list[tuple[int, Path]]:
    """List the files of a lane with the slots of their workers; also of workers that do not run any more."""
    return sorted((int(path.stem.rpartition("-")[2]), path) for path in directory.glob(f"{lane}-*.db"))


def open_log_file(path: Path, *, durability: Durability) -> sqlite3.Connection:
    """Open a log file, making it if it is not there. The connection is in autocommit mode; one thread at a time may use it.

    Raises:
        Misconfigured: another version of Jackfield has made it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    connection.execute("PRAGMA page_size=16384")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={'FULL' if durability == 'fsync' else 'NORMAL'}")
    connection.execute("PRAGMA wal_autocheckpoint=4000")
    connection.execute("PRAGMA journal_size_limit=67108864")
    if connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'dropped'").fetchone() == (0,):
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != VERSION:
        connection.close()
        raise Misconfigured(
            f"The event log {path} has format {found}; this version of Jackfield knows {VERSION}. "
            "Run the version that wrote it until the log is empty, then move the file away."
        )
    return connection


def file_id(connection: sqlite3.Connection) -> str:
    """Return the random id of a log file: part of every batch token."""
    return str(connection.execute("SELECT value FROM about WHERE name = 'file_id'").fetchone()[0])


def completed_bytes(connection: sqlite3.Connection) -> int:
    """Count the bytes of all records that were ever completed."""
    return int(connection.execute("SELECT value FROM about WHERE name = 'completed_bytes'").fetchone()[0])
