"""PostgreSQL as the metadata database. The only module that talks to psycopg (Django has its own connections)."""

import re
import select
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final, cast

import psycopg
from psycopg.pq import TransactionStatus

from jackfield.storage.sql_values import decode_rows, json_text, utc, whole_text
from jackfield_sdk import Json, Refused, Retryable
from jackfield_sdk.services import Row, SqlValue

LOCK_MILLISECONDS: Final = 5_000
CONNECT_SECONDS: Final = 5
MAX_PARAMETERS: Final = 65_535
PLAIN: Final = frozenset({int, float, bytes, bool, type(None)})
NOT_CODE: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL)


def connect_postgres(url: str) -> "PostgresConnection":
    """Connect to a server.

    Raises:
        Retryable: it does not answer.
    """
    with _portable_errors():
        connection = psycopg.Connection[Row].connect(
            url,
            autocommit=True,
            prepare_threshold=None,  # so that a pooler between us and the server may hand out any connection
            connect_timeout=CONNECT_SECONDS,
        )
        connection.execute(f"SET TimeZone = 'UTC'; SET lock_timeout = {LOCK_MILLISECONDS}")
    return PostgresConnection(connection)


class PostgresConnection:
    """Implements `Connection`.

    Transactions see one snapshot: where somebody else changed a row after it was taken, a change of ours fails with `Retryable`,
    so that "read, then write" loses no update here either.
    """

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._socket = select.poll()
        self._socket.register(connection.fileno(), select.POLLIN)

    def fetch(self, sql: str, parameters: Sequence[SqlValue] = (), *, types: Sequence[type] = ()) -> list[Row]:
        with _portable_errors():
            cursor = self._connection.execute(_translated(sql), _bound(parameters))
            rows = cursor.fetchall() if cursor.description else []
        return decode_rows(rows, types, READERS)

    def execute(self, sql: str, parameters: Sequence[SqlValue] = ()) -> int:
        with _portable_errors():
            cursor = self._connection.execute(_translated(sql), _bound(parameters))
        return max(0, cursor.rowcount) if cursor.description is None else 0

    def upsert_many(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[SqlValue]], *, key: Sequence[str], update: Sequence[str]
    ) -> None:
        rows = _one_per_key(rows, columns, key, update)
        step = MAX_PARAMETERS // len(columns)
        batches = [rows[start : start + step] for start in range(0, len(rows), step)]
        alone = len(batches) > 1 and self._connection.info.transaction_status == TransactionStatus.IDLE
        if alone:
            self.begin(snapshot=False)
        try:
            for batch in batches:
                sql = _upsert(table, tuple(columns), len(batch), tuple(key), tuple(update))
                with _portable_errors():
                    self._connection.execute(sql, _bound(chain.from_iterable(batch)))
            if alone:
                self.commit()
        except BaseException:
            if alone:
                self.rollback()
            raise

    def begin(self, *, snapshot: bool) -> None:
        self._command("BEGIN ISOLATION LEVEL REPEATABLE READ" if snapshot else "BEGIN ISOLATION LEVEL READ COMMITTED")

    def commit(self) -> None:
        self._command("COMMIT")

    def rollback(self) -> None:
        with suppress(psycopg.Error):  # a connection that is gone has rolled back already
            self._connection.execute(b"ROLLBACK")

    def usable(self) -> bool:
        """Look whether the server has said something meanwhile, which most likely was good-bye; costs no round trip."""
        idle = not self._connection.closed and self._connection.info.transaction_status == TransactionStatus.IDLE
        return idle and not self._socket.poll(0)

    def close(self) -> None:
        self._connection.close()

    def _command(self, sql: str) -> None:
        with _portable_errors():
            self._connection.execute(sql.encode())


@contextmanager
def _portable_errors() -> Iterator[None]:
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as problem:  # gone, lock timeout, deadlock, serialization, out of space
        raise Retryable(f"The metadata database cannot do this now: {str(problem).strip()}.") from problem
    except psycopg.IntegrityError as problem:
        raise Refused(f"The metadata database refuses the row: {str(problem).strip()}.", status=409) from problem
    except psycopg.DataError as problem:
        raise Refused(f"A value does not fit the metadata database: {str(problem).strip()}.") from problem


# -- statements ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def _translated(sql: str) -> bytes:
    """Write `?` as psycopg wants it, except inside literals, quoted names and comments."""
    parts, end = [], 0
    for found in NOT_CODE.finditer(sql):
        parts += [sql[end : found.start()].replace("%", "%%").replace("?", "%s"), found.group().replace("%", "%%")]
        end = found.end()
    parts.append(sql[end:].replace("%", "%%").replace("?", "%s"))
    return "".join(parts).encode()


@lru_cache(maxsize=256)
def _upsert(table: str, columns: tuple[str, ...], rows: int, key: tuple[str, ...], update: tuple[str, ...]) -> bytes:
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * rows)
    target = ", ".join(f'"{column}"' for column in key)
    change = ", ".join(f'"{column}" = excluded."{column}"' for column in update)
    action = f"UPDATE SET {change}" if update else "NOTHING"
    return f'INSERT INTO "{table}" ({names}) VALUES {values} ON CONFLICT ({target}) DO {action}'.encode()  # noqa: S608 - names come from code


def _one_per_key(
    rows: Sequence[Sequence[SqlValue]], columns: Sequence[str], key: Sequence[str], update: Sequence[str]
) -> Sequence[Sequence[SqlValue]]:
    """Merge rows with the same key as one upsert after another would; one statement may not touch a row twice.

    Sorted by key, so that two writers lock rows in the same order.
    """
    places = [columns.index(column) for column in key]
    changing = [columns.index(column) for column in update]
    merged: dict[tuple[SqlValue, ...], Sequence[SqlValue]] = {}
    for row in rows:
        name = tuple(row[place] for place in places)
        first = merged.setdefault(name, row)
        if first is not row and changing:
            both = list(first)
            for place in changing:
                both[place] = row[place]
            merged[name] = both
    with suppress(TypeError):  # None among the keys: such rows meet no other
        return [merged[name] for name in sorted(cast("Iterable[Any]", merged))]
    return list(merged.values())


# -- values ----------------------------------------------------------------------------------------------------------


def _bound(values: Iterable[SqlValue]) -> list[object]:
    return [value if type(value) in PLAIN else _written(value) for value in values]


def _written(value: SqlValue) -> object:
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, dict | list):
        text = json_text(value)
        return json_text(_storable_json(value)) if "\\u0000" in text or "\\ud" in text else text
    return value


def _storable(text: str) -> str:
    """Replace what no PostgreSQL text can hold: NUL, and halves of characters."""
    return whole_text(text.replace("\0", "\ufffd"))


def _storable_json(value: Json) -> Json:
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, dict):
        return {_storable(name): _storable_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_storable_json(member) for member in value]
    return value


READERS: Final[Mapping[type, Callable[[Any], SqlValue]]] = {datetime: utc, int: int, float: float}
