"""The metadata database without Django: the SDK's `Database` over a pool of connections, for SQLite and PostgreSQL alike."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from jackfield.host.configuration import Configuration
from jackfield_sdk import Misconfigured
from jackfield_sdk.services import Row, SqlValue, Transaction

IDLE_CONNECTIONS: Final = 16


class Connection(Transaction, Protocol):
    """A driver's connection, used by one thread at a time. Its statements commit at once unless `begin` was called."""

    def begin(self, *, snapshot: bool) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...

    def usable(self) -> bool:
        """Tell, without asking the server, whether the next statement may succeed."""
        ...

    def close(self) -> None: ...


def open_database(configuration: Configuration) -> "MetadataDatabase":
    """Open the metadata database that the configuration names. Connects when the first statement runs.

    Raises:
        Misconfigured: `JACKFIELD_DATABASE_URL` is of no known kind.
    """
    url = configuration.database_url
    if not url:
        return open_sqlite(sqlite_path(configuration.data_dir), fsync=configuration.durability == "fsync")
    if url.startswith(("postgresql://", "postgres://")):
        from jackfield.storage.postgres_database import connect_postgres  # inside: who runs on SQLite does not load psycopg

        return MetadataDatabase(lambda: connect_postgres(url))
    raise Misconfigured(
        f"JACKFIELD_DATABASE_URL begins with {url.partition(':')[0]!r}; it must be postgresql://…, or unset for SQLite in the data folder."
    )


def open_sqlite(path: Path, *, fsync: bool) -> "MetadataDatabase":
    """Open a metadata database in a SQLite file.

    Args:
        fsync: a commit survives power loss. The engine needs that: what it has committed here is gone from the log.
    """
    from jackfield.storage.sqlite_database import connect_sqlite

    return MetadataDatabase(lambda: connect_sqlite(path, fsync=fsync))


def sqlite_path(data_dir: Path) -> Path:
    """Return the file of the metadata database; Django's settings name the same one."""
    return data_dir / "jackfield.db"


class MetadataDatabase:
    """Implements the SDK's `Database`.

    What a thread does while it has a transaction open belongs to that transaction, also when it goes through the database itself or
    opens another one: a second connection of the same thread would wait for the first on SQLite, and never get its turn.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._thread = _ThreadState()
        self._closed = False

    def fetch(self, sql: str, parameters: Sequence[SqlValue] = (), *, types: Sequence[type] = ()) -> list[Row]:
        with self._connection() as connection:
            return connection.fetch(sql, parameters, types=types)

    def execute(self, sql: str, parameters: Sequence[SqlValue] = ()) -> int:
        with self._connection() as connection:
            return connection.execute(sql, parameters)

    def upsert_many(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[SqlValue]], *, key: Sequence[str], update: Sequence[str]
    ) -> None:
        with self._connection() as connection:
            connection.upsert_many(table, columns, rows, key=key, update=update)

    @contextmanager
    def transaction(self, *, snapshot: bool = True) -> Iterator[Transaction]:
        """Open a write transaction, or a part of the one that the thread has open, which can fail alone.

        Args:
            snapshot: False where no statement depends on what an earlier one read: on PostgreSQL, such transactions wait for one another
                where others fail with `Retryable`.
        """
        if self._thread.connection is not None:
            with self._savepoint(self._thread.connection) as nested:
                yield nested
            return
        with self._connection() as connection:
            connection.begin(snapshot=snapshot)
            self._thread.connection = connection
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._thread.connection = None

    def close(self) -> None:
        """Close what is idle now, and the rest when it is given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        if self._thread.connection is not None:
            yield self._thread.connection
            return
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def _savepoint(self, connection: Connection) -> Iterator[Transaction]:
        self._thread.depth += 1
        name = f"nested_{self._thread.depth}"
        connection.execute(f"SAVEPOINT {name}")
        try:
            yield connection
            connection.execute(f"RELEASE SAVEPOINT {name}")
        except BaseException:
            with suppress(Exception):  # a connection that broke has rolled back already; what it raised is what the caller must see
                connection.execute(f"ROLLBACK TO SAVEPOINT {name}")
            raise
        finally:
            self._thread.depth -= 1

    def _take(self) -> Connection:
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection = self._idle.pop()
            if connection.usable():
                return connection
            connection.close()
        return self._connect()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < IDLE_CONNECTIONS and connection.usable():
                self._idle.append(connection)
                return
        connection.close()


class _ThreadState(threading.local):
    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.depth = 0
