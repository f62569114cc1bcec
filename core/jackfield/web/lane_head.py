"""Bounds the head of a request in size and time, which uvicorn does not. For the fast lane and for plain ASGI alike."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0
NOT_COUNTED = -1
TOO_LARGE = f"The head of the request is longer than {MAX_HEAD_BYTES} bytes.\n".encode()


class BoundedHeadProtocol(HttpToolsProtocol):
    """uvicorn's protocol, for clients that may never finish what they begin. A head that comes in one piece costs nothing more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unfinished = False  # the data read so far ends within a request that we watch
        self.head_bytes = NOT_COUNTED
        self.head_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.head_deadline = self.loop.call_later(HEAD_SECONDS, transport.close)  # a connection that never sends a byte

    def connection_lost(self, exc: Exception | None) -> None:
        self.head_complete()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.unfinished:
            self.watch_unfinished(data)
        elif self.head_deadline is not None:
            self.head_complete()

    def on_message_begin(self) -> None:
        self.unfinished = True
        self.head_bytes = NOT_COUNTED
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.unfinished = False
        super().on_headers_complete()

    def watch_unfinished(self, data: bytes) -> None:
        """Look after a head that did not end with the data that was read."""
        if self.head_bytes == NOT_COUNTED:  # this data may hold earlier requests, so counting starts with the next
            self.head_complete()
            self.head_bytes = 0
            self.head_deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)
            return
        self.head_bytes += len(data)
        if self.head_bytes > MAX_HEAD_BYTES:
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-type: text/plain\r\n"
                b"content-length: %d\r\n\r\n%b" % (len(TOO_LARGE), TOO_LARGE)
            )
            self.transport.close()

    def head_complete(self) -> None:
        """Forget the deadline of a head."""
        if self.head_deadline is not None:
            self.head_deadline.cancel()
            self.head_deadline = None
