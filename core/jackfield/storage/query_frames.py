"""The language of the query socket between web and engine: frames of length, type and payload. Both ends import this and nothing else."""

import enum
import socket
import struct
from typing import Any, Final

import msgspec

PROTOCOL: Final = 1
CHUNK_BYTES: Final = 1024 * 1024
_MAX_CONTROL_BYTES: Final = 16 * 1024 * 1024
_HEAD: Final = struct.Struct("<IB")


class FrameType(enum.IntEnum):
    """What a frame carries. Control payloads are JSON, those of CHUNK are raw."""

    HELLO = 1
    QUERY = 2
    CANCEL = 3
    PING = 4
    PROGRESS = 5
    CHUNK = 6
    END = 7
    ERROR = 8
    PONG = 9


class Hello(msgspec.Struct):
    """First frame of both sides."""

    protocol: int
    build: str


class Query(msgspec.Struct, kw_only=True):
    """One read-only statement; `parameters` are encoded already."""

    id: str
    sql: str
    parameters: dict[str, str]
    seconds: float
    memory_bytes: int
    rows_to_read: int
    result_rows: int
    result_bytes: int


class Cancel(msgspec.Struct):
    """Ends the query with this id."""

    id: str


class Progress(msgspec.Struct):
    """How far a query is."""

    rows: int
    bytes: int
    elapsed_milliseconds: float


class End(msgspec.Struct):
    """The answer is complete."""

    elapsed_milliseconds: float


class Error(msgspec.Struct):
    """The query failed. `kind`: refused, retryable or misconfigured."""

    kind: str
    message: str


class Closed(Exception):  # noqa: N818 - an ordinary end
    """The other side closed the connection."""


def send_frame(connection: socket.socket, kind: FrameType, payload: bytes | msgspec.Struct = b"") -> None:
    """Send one frame whole."""
    body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    connection.sendall(_HEAD.pack(len(body), kind) + body)


def receive_frame(connection: socket.socket) -> tuple[FrameType, bytes]:
    """Receive one frame whole.

    Raises:
        Closed: there will be no more.
    """
    length, kind = _HEAD.unpack(_exactly(connection, _HEAD.size))
    if length > _MAX_CONTROL_BYTES:
        raise Closed(f"a frame of {length} bytes")
    return FrameType(kind), _exactly(connection, length)


def decode_frame(payload: bytes, kind: type[Any]) -> Any:
    """Decode a control payload."""
    return msgspec.json.decode(payload, type=kind)


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), CHUNK_BYTES))
        if not part:
            raise Closed("the other side closed the connection")
        parts += part
    return bytes(parts)
