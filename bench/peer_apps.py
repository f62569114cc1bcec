"""The servers that Jackfield is compared with, as ASGI applications for plain uvicorn. They do the least that their kind can do."""

import asyncio
import gzip
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import msgspec
import psycopg

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

INSERT = "INSERT INTO events (uuid, event, distinct_id, timestamp, properties) VALUES (%s, %s, %s, %s, %s)"
CONNECTIONS = 8


async def null(scope: Message, receive: Receive, send: Send) -> None:
    """Read the request and answer: what a request costs before anything is done with it."""
    if scope["type"] == "http":
        await _body(receive)
        await _ok(send)


async def parse(scope: Message, receive: Receive, send: Send) -> None:
    """Decompress, parse, answer, and keep nothing: a bound for every server on uvicorn."""
    if scope["type"] == "http":
        _events(await _body(receive))
        await _ok(send)


class Insert:
    """One INSERT and one commit per event: what most small analytics servers do."""

    def __init__(self) -> None:
        self._connections: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()
        self._opened = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer once every event of the request is committed."""
        if scope["type"] != "http":
            return
        if not self._opened:
            self._opened = True
            for _ in range(CONNECTIONS):
                self._connections.put_nowait(await psycopg.AsyncConnection.connect(os.environ["BENCH_POSTGRES_URL"], autocommit=True))
        events = _events(await _body(receive))
        connection = await self._connections.get()
        try:
            for event in events:
                await connection.execute(INSERT, _row(event))
        finally:
            self._connections.put_nowait(connection)
        await _ok(send)


insert = Insert()


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _events(body: bytes) -> list[dict[str, Any]]:
    if body.startswith(b"\x1f\x8b\x08"):
        body = gzip.decompress(body)
    document = msgspec.json.decode(body)
    if isinstance(document, list):
        return document
    return list(document["batch"]) if "batch" in document else [document]


def _row(event: dict[str, Any]) -> tuple[object, ...]:
    return event["uuid"], event["event"], event["distinct_id"], event["timestamp"], msgspec.json.encode(event["properties"]).decode()


async def _ok(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json"), (b"content-length", b"15")]})
    await send({"type": "http.response.body", "body": b'{"status":"Ok"}'})
