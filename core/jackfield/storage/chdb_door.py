"""The one door to chDB: the embedded ClickHouse. Only the engine process opens it, for chDB wants its directory to itself."""

import os
import re
import threading
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import chdb
import pyarrow as pa
from chdb.state.sqlitelike import Connection

from jackfield.errors import StoreUnavailable
from jackfield_sdk.errors import JackfieldError, Misconfigured, Refused
from jackfield_sdk.query import QueryLimits

DATABASE: Final = "jackfield"

_RETRYABLE: Final = {75, 202, 210, 242, 243, 252, 999}
_BUSY_WRITING: Final = {*_RETRYABLE, 241}
"""A query that wants too much memory is refused; rows that find none at the moment will fit later."""

_MISCONFIGURED: Final = {36, 76, 115, 193, 516}

_ROWS_PER_PIECE: Final = 8192
_END_OF_STREAM: Final = b"\xff\xff\xff\xff\0\0\0\0"
"""Of Arrow's stream format: a continuation of no length."""

_SPARE_BYTES: Final = 4 * 1024 * 1024
"""Nothing is written when the disk has less: a table's definition that is written to a full disk is lost, and with it the table."""


class ChdbStore:
    """An open event store. Safe to share between threads: each statement has a connection of its own."""

    def __init__(self, directory: Path, *, memory_bytes: int) -> None:
        """Open or create the store.

        Args:
            memory_bytes: bound of everything that chDB takes; more goes to disk or fails.

        Raises:
            Misconfigured: another process has the directory open.
        """
        directory.parent.mkdir(parents=True, exist_ok=True)
        self._path = str(directory)
        self._directory = directory.parent
        self._memory_bytes = memory_bytes
        self._writing = threading.Lock()
        # Server settings count in the first connection only; it stays open, for the last close shuts chDB down.
        self._root = self._connect(
            max_server_memory_usage=memory_bytes,
            mark_cache_size=64 * 1024 * 1024,
            primary_index_cache_size=64 * 1024 * 1024,
            uncompressed_cache_size=0,
            background_pool_size=4,
        )
        self.execute(f"CREATE DATABASE IF NOT EXISTS {DATABASE} ENGINE = Atomic")

    def execute(self, sql: str) -> None:
        """Run a statement that changes something: tables, mutations.

        Raises:
            JackfieldError: sorted by what can be done about it.
        """
        self._check_space(0)
        with self._writing:
            connection = self._connect(async_insert=0, session_timezone="UTC")
            try:
                connection.query(sql)
            except (chdb.ChdbError, RuntimeError) as problem:
                raise sorted_error(problem) from problem
            finally:
                connection.close()

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows, exactly once per token and table.

        Raises:
            JackfieldError: nothing was written, or the same rows may be sent again with the same token.
        """
        if not rows.num_rows:
            return
        names = ", ".join(f"`{name}`" for name in rows.column_names)
        sql = (
            f"INSERT INTO {DATABASE}.`{table}` ({names}) "
            f"SETTINGS async_insert=0, insert_deduplicate=1, insert_deduplication_token='{_escaped(token)}'"
        )
        self._check_space(2 * rows.nbytes)
        with self._writing:
            connection = self._connect(async_insert=0)
            try:
                with connection.send_insert(sql, "ArrowStream") as stream:
                    # Piece by piece: chDB reads one while the next is written, and small buffers are used again.
                    stream.append(rows.schema.serialize().to_pybytes())
                    for piece in rows.to_batches(max_chunksize=_ROWS_PER_PIECE):
                        stream.append(piece.serialize().to_pybytes())
                    stream.append(_END_OF_STREAM)
                    stream.finish()
            except (chdb.ChdbError, RuntimeError) as problem:
                raise sorted_error(problem, retryable=_BUSY_WRITING) from problem
            finally:
                connection.close()

    def query(
        self,
        sql: str,
        parameters: Mapping[str, str] | None = None,
        *,
        output: str = "JSONCompact",
        limits: QueryLimits | None = None,
        query_id: str | None = None,
        progress: "Callable[[Mapping[str, object]], None] | None" = None,
    ) -> bytes:
        """Run one read-only statement.

        Args:
            parameters: values already encoded as ClickHouse reads them.
            output: ClickHouse format of the answer.

        Raises:
            Refused: not a single read-only statement, not accepted by the store, or over a limit.
        """
        limits = limits or QueryLimits(memory_bytes=self._memory_bytes)
        settings: dict[str, object] = {
            "readonly": 1,
            "max_execution_time": limits.seconds,
            "max_memory_usage": limits.memory_bytes,
            "max_bytes_before_external_group_by": limits.memory_bytes // 4,
            "max_bytes_before_external_sort": limits.memory_bytes // 4,
            "max_rows_to_read": limits.rows_to_read,
            "max_result_rows": limits.result_rows,
            "max_result_bytes": limits.result_bytes,
            "implicit_select": 0,
            "session_timezone": "UTC",
        }
        if query_id is not None:
            settings["log_comment"] = query_id
        connection = self._connect(**settings)
        try:
            # readonly=1 lets INTO OUTFILE and several statements in one text pass.
            verdict = connection._conn.classify_query(sql)
            if verdict["statement_count"] != 1 or verdict["query_class"].name != "READ_ONLY":
                raise Refused("Only a single statement that reads is accepted here.")
            if progress is not None:
                connection.set_progress_callback(progress)
            answer = connection.query(sql, output, params=dict(parameters or {}))
            return bytes(answer.bytes())
        except (chdb.ChdbError, RuntimeError) as problem:
            raise sorted_error(problem) from problem
        finally:
            connection.close()

    def cancel(self, query_id: str) -> None:
        """End a running query; no error when it is over already."""
        connection = self._connect()
        try:
            connection.query(f"KILL QUERY WHERE Settings['log_comment'] = '{_escaped(query_id)}' ASYNC")
        finally:
            connection.close()

    def close(self) -> None:
        """Shut the store down. Every query must have ended before."""
        with self._writing:
            self._root.close()

    def _check_space(self, size: int) -> None:
        disk = os.statvfs(self._directory)
        free = disk.f_bavail * disk.f_frsize
        if free < size + _SPARE_BYTES:
            raise StoreUnavailable(f"The event store's disk has only {free} bytes left; make room on it.")

    def _connect(self, **settings: object) -> Connection:
        query = urlencode(settings)
        try:
            return chdb.connect(f"{self._path}?{query}" if query else self._path)
        except RuntimeError as problem:
            raise sorted_error(problem) from problem


def sorted_error(problem: Exception, *, retryable: Set[int] = _RETRYABLE) -> JackfieldError:
    """Turn an error of ClickHouse into one of ours, by its code."""
    text = str(problem)
    found = re.search(r"Code: (\d+)\.", text)
    code = int(found[1]) if found else 0
    message = re.sub(r"^.*?DB::Exception: ", "", text).strip()
    if code in retryable:
        return StoreUnavailable(f"The event store is busy (code {code}): {message}")
    if code in _MISCONFIGURED or not found:
        return Misconfigured(f"The event store cannot be used (code {code}): {message}")
    return Refused(f"{message} (code {code})")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
