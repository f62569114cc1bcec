"""SQLite as the metadata database: values as Django's ORM writes them, errors as callers can use them."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jackfield.storage.sql_values import decode_rows, json_text, utc, whole_text
from jackfield_sdk import Refused, Retryable
from jackfield_sdk.services import Row, SqlValue

BUSY_SECONDS: Final = 5.0
BUSY_CODES: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)

PLAIN: Final = frozenset({int, float, bytes, bool, type(None)})


def connect_sqlite(path: Path, *, fsync: bool) -> "SqliteConnection":
    """Open the file, making it if it is not there, in WAL mode."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    _enter_wal(connection)
    connection.execute(f"PRAGMA synchronous={'FULL' if fsync else 'NORMAL'}")  # NORMAL survives kill -9, but not a power cut
    connection.execute("PRAGMA foreign_keys=ON")  # as Django sets it
    return SqliteConnection(connection)


class SqliteConnection:
    """Implements `Connection`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fetch(self, sql: str, parameters: Sequence[SqlValue] = (), *, types: Sequence[type] = ()) -> list[Row]:
        rows: list[Row] = self._run(lambda: self._connection.execute(sql, _bound(parameters)).fetchall())
        return decode_rows(rows, types, READERS)

    def execute(self, sql: str, parameters: Sequence[SqlValue] = ()) -> int:
        touched: int = self._run(lambda: self._connection.execute(sql, _bound(parameters)).rowcount)
        return max(0, touched)

    def upsert_many(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[SqlValue]], *, key: Sequence[str], update: Sequence[str]
    ) -> None:
        if not rows:
            return
        names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
        target = ", ".join(f'"{column}"' for column in key)
        change = ", ".join(f'"{column}" = excluded."{column}"' for column in update)
        action = f"UPDATE SET {change}" if update else "NOTHING"
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks}) ON CONFLICT ({target}) DO {action}'  # noqa: S608 - names come from code
        alone = not self._connection.in_transaction
        if alone:
            self.begin(snapshot=True)
        try:
            self._run(lambda: self._connection.executemany(sql, map(_bound, rows)))  # one prepared statement: faster than long VALUES lists
            if alone:
                self.commit()
        except BaseException:
            if alone:
                self.rollback()
            raise

    def begin(self, *, snapshot: bool) -> None:  # noqa: ARG002 - one writer at a time: its transaction is always a snapshot
        self._run(lambda: self._connection.execute("BEGIN IMMEDIATE"))

    def commit(self) -> None:
        self._run(lambda: self._connection.execute("COMMIT"))

    def rollback(self) -> None:
        if self._connection.in_transaction:  # a full disk, for one, has rolled back by itself
            self._connection.execute("ROLLBACK")

    def usable(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: Callable[[], Any]) -> Any:
        try:
            return statement()
        except sqlite3.OperationalError as problem:
            if (problem.sqlite_errorcode & 0xFF) in BUSY_CODES:
                raise Retryable(f"The metadata database cannot be written now: {problem}.") from problem
            raise
        except sqlite3.IntegrityError as problem:
            raise Refused(f"The metadata database refuses the row: {problem}.", status=409) from problem
        except OverflowError as problem:
            raise Refused("An integer of more than 64 bits does not fit the metadata database.") from problem


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; the switch itself does not wait for others, so that processes which start together need more than one try."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as problem:
            if time.monotonic() > deadline:
                raise Retryable(f"The metadata database cannot be opened now: {problem}.") from problem
            time.sleep(0.02)


# -- values ----------------------------------------------------------------------------------------------------------


def _bound(values: Iterable[SqlValue]) -> list[object]:
    return [value if type(value) in PLAIN else _written(value) for value in values]


def _written(value: SqlValue) -> object:
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return str(utc(value).replace(tzinfo=None))
    if isinstance(value, dict | list):
        return json_text(value)
    return value  # int, float, bytes of a subclass


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


READERS: Final[Mapping[type, Callable[[Any], SqlValue]]] = {
    UUID: UUID,
    datetime: _moment,
    bool: bool,
    dict: json.loads,
    list: json.loads,
    float: float,
}
