"""The engine's end of the query socket: runs read-only statements of web workers on chDB. Offers no inserts and no DDL."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jackfield import __version__
from jackfield.storage.chdb_door import ChdbStore
from jackfield.storage.query_frames import (
    CHUNK_BYTES,
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
from jackfield_sdk.errors import JackfieldError, Refused, Retryable
from jackfield_sdk.query import QueryLimits

SEND_SECONDS = 30.0
"""A peer that takes no bytes for this long is dropped, and its query ended."""

WAITING_QUERIES = 64
"""Queries that may wait for a thread; more are refused for now."""


class QueryServer:
    """Listens on a Unix socket; one query at a time per connection, `threads` queries at a time in all."""

    def __init__(self, store: ChdbStore, path: Path, *, threads: int = os.cpu_count() or 2) -> None:
        self._store = store
        self._path = path
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="query")
        self._places = threading.BoundedSemaphore(threads + WAITING_QUERIES)
        self._running: set[str] = set()
        self._connections: set[socket.socket] = set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, name="query-accept", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more queries, end those that run, and wait for them: chDB must not be closed under a running query."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for query_id in tuple(self._running):
            self._store.cancel(query_id)
        self._pool.shutdown(wait=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="query-connection", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(None)
        sending = threading.Lock()
        started: list[str] = []
        try:
            kind, payload = receive_frame(connection)
            hello = decode_frame(payload, Hello)
            if kind is not FrameType.HELLO or hello.protocol != PROTOCOL:
                text = f"Web speaks protocol {hello.protocol}, the engine {PROTOCOL}: restart both."
                send_frame(connection, FrameType.ERROR, Error("misconfigured", text))
                return
            send_frame(connection, FrameType.HELLO, Hello(PROTOCOL, __version__))
            while True:
                kind, payload = receive_frame(connection)
                if kind is FrameType.QUERY:
                    query = decode_frame(payload, Query)
                    started.append(query.id)
                    self._submit(connection, sending, query)
                elif kind is FrameType.CANCEL:
                    self._store.cancel(decode_frame(payload, Cancel).id)
                elif kind is FrameType.PING:
                    with sending:
                        send_frame(connection, FrameType.PONG)
        except (Closed, OSError, ValueError):
            for query_id in started:
                if query_id in self._running:  # whoever asked is gone: nobody wants the answer
                    self._store.cancel(query_id)
        finally:
            self._connections.discard(connection)
            connection.close()

    def _submit(self, connection: socket.socket, sending: threading.Lock, query: Query) -> None:
        if not self._places.acquire(blocking=False):
            with sending:
                send_frame(connection, FrameType.ERROR, Error("retryable", f"{WAITING_QUERIES} queries wait already; try again in a moment."))
            return
        deadline = time.monotonic() + query.seconds
        self._pool.submit(self._run, connection, sending, query, deadline)

    def _run(self, connection: socket.socket, sending: threading.Lock, query: Query, deadline: float) -> None:
        begun = time.monotonic()
        last = begun

        def progress(state: Mapping[str, object]) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last < 0.2:
                return
            last = now
            rows, size = int(str(state.get("read_rows", 0))), int(str(state.get("read_bytes", 0)))
            with sending, contextlib.suppress(OSError):
                send_frame(connection, FrameType.PROGRESS, Progress(rows, size, (now - begun) * 1000))

        self._running.add(query.id)
        try:
            if begun >= deadline:
                raise Retryable("The query waited too long for its turn; try again in a moment.")
            limits = QueryLimits(
                seconds=deadline - begun,
                memory_bytes=query.memory_bytes,
                rows_to_read=query.rows_to_read,
                result_rows=query.result_rows,
                result_bytes=query.result_bytes,
            )
            answer = self._store.query(query.sql, query.parameters, limits=limits, query_id=query.id, progress=progress)
            connection.settimeout(SEND_SECONDS)
            with sending:
                for start in range(0, len(answer), CHUNK_BYTES):
                    send_frame(connection, FrameType.CHUNK, answer[start : start + CHUNK_BYTES])
                send_frame(connection, FrameType.END, End((time.monotonic() - begun) * 1000))
            connection.settimeout(None)
        except JackfieldError as problem:
            kind = "refused" if isinstance(problem, Refused) else "retryable" if isinstance(problem, Retryable) else "misconfigured"
            with sending, contextlib.suppress(OSError):
                send_frame(connection, FrameType.ERROR, Error(kind, str(problem)))
        except OSError:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        finally:
            self._running.discard(query.id)
            self._places.release()
