"""The web worker's end of the query socket. Implements the SDK's `EventStore`."""

import contextlib
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from jackfield import __version__
from jackfield.errors import StoreUnavailable
from jackfield.storage.query_frames import (
    PROTOCOL,
    Cancel,
    Closed,
    End,
    Error,
    FrameType,
    Hello,
    Progress,
    Query,
    decode_frame,
    receive_frame,
    send_frame,
)
from jackfield_sdk.errors import JackfieldError, Misconfigured, Refused
from jackfield_sdk.query import QueryLimits, Rows

ANSWER_GRACE_SECONDS = 10.0
"""How much longer than the query's own limit an answer may take before the engine counts as gone."""


class SocketEventStore:
    """Sends statements to the engine. Keeps idle connections; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[socket.socket] = []
        self._lock = threading.Lock()

    def query(
        self,
        sql: str,
        parameters: Mapping[str, str],
        *,
        limits: QueryLimits | None = None,
        query_id: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Rows:
        """See `EventStore.query`."""
        limits = limits or QueryLimits()
        query = Query(
            id=query_id or uuid.uuid4().hex,
            sql=sql,
            parameters=dict(parameters),
            seconds=limits.seconds,
            memory_bytes=limits.memory_bytes,
            rows_to_read=limits.rows_to_read,
            result_rows=limits.result_rows,
            result_bytes=limits.result_bytes,
        )
        for fresh in (False, True):  # an idle connection may be from before the engine restarted
            connection = self._connect(fresh=fresh)
            if connection is None:
                continue
            try:
                connection.settimeout(limits.seconds + ANSWER_GRACE_SECONDS)
                send_frame(connection, FrameType.QUERY, query)
                answer = _receive_answer(connection, progress)
            except (Closed, OSError) as problem:
                connection.close()
                if fresh:
                    raise StoreUnavailable("The engine went away while it ran the query; try again in a moment.") from problem
                continue
            except JackfieldError:
                self._keep(connection)
                raise
            self._keep(connection)
            return answer
        raise StoreUnavailable("The engine cannot be reached; it may be starting. Try again in a moment.")

    def cancel(self, query_id: str) -> None:
        """See `EventStore.cancel`."""
        connection = self._connect(fresh=True)
        if connection is not None:
            with contextlib.suppress(OSError), contextlib.closing(connection):
                send_frame(connection, FrameType.CANCEL, Cancel(query_id))
                send_frame(connection, FrameType.PING)
                with contextlib.suppress(Closed):
                    receive_frame(connection)

    def ping(self, *, seconds: float = 1.0) -> bool:
        """Tell whether the engine answers."""
        with contextlib.suppress(Closed, OSError, JackfieldError):
            connection = self._connect(fresh=True)
            if connection is not None:
                with contextlib.closing(connection):
                    connection.settimeout(seconds)
                    send_frame(connection, FrameType.PING)
                    return receive_frame(connection)[0] is FrameType.PONG
        return False

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _connect(self, *, fresh: bool) -> socket.socket | None:
        if not fresh:
            with self._lock:
                return self._idle.pop() if self._idle else None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(5.0)
        try:
            connection.connect(str(self._path))
            send_frame(connection, FrameType.HELLO, Hello(PROTOCOL, __version__))
            kind, payload = receive_frame(connection)
        except (Closed, OSError) as problem:
            connection.close()
            raise StoreUnavailable("The engine cannot be reached; it may be starting. Try again in a moment.") from problem
        if kind is FrameType.ERROR:
            connection.close()
            raise Misconfigured(decode_frame(payload, Error).message)
        return connection

    def _keep(self, connection: socket.socket) -> None:
        with self._lock:
            self._idle.append(connection)


def _receive_answer(connection: socket.socket, progress: Callable[[Progress], None] | None) -> Rows:
    begun = time.monotonic()
    parts: list[bytes] = []
    while True:
        kind, payload = receive_frame(connection)
        if kind is FrameType.CHUNK:
            parts.append(payload)
        elif kind is FrameType.PROGRESS and progress is not None:
            progress(decode_frame(payload, Progress))
        elif kind is FrameType.ERROR:
            raise _error(decode_frame(payload, Error))
        elif kind is FrameType.END:
            decode_frame(payload, End)
            return decode_rows(b"".join(parts), (time.monotonic() - begun) * 1000)


def _error(error: Error) -> JackfieldError:
    kinds: dict[str, type[JackfieldError]] = {"refused": Refused, "retryable": StoreUnavailable, "misconfigured": Misconfigured}
    return kinds[error.kind](error.message)


def decode_rows(answer: bytes, elapsed_milliseconds: float) -> Rows:
    """Decode an answer in the format JSONCompact."""
    document = json.loads(answer)
    return Rows(
        columns=[column["name"] for column in document["meta"]],
        rows=document["data"],
        rows_read=document.get("statistics", {}).get("rows_read", 0),
        elapsed_milliseconds=elapsed_milliseconds,
    )
