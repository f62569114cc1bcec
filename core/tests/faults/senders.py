"""Many clients at once that send events in every form a body may have, never send anything twice, and note what was acknowledged."""

import asyncio
import contextlib
import gzip
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Final

from tests.faults.installation import TOKEN

CONNECTIONS: Final = 32

Encode = Callable[[Sequence[dict[str, object]]], bytes]


def _array(events: Sequence[dict[str, object]]) -> bytes:
    return json.dumps(events).encode()


def _lines(events: Sequence[dict[str, object]]) -> bytes:
    return b"\n".join(json.dumps(event).encode() for event in events)


FORMS: Final[Sequence[tuple[int, Encode]]] = (
    (1, _lines),
    (1, lambda events: gzip.compress(_lines(events), 1)),
    (10, _array),
    (20, _lines),
    (50, lambda events: gzip.compress(_array(events), 1)),
    (30, lambda events: gzip.compress(_lines(events), 1)),
)


class Senders:
    """Clients in a thread of their own."""

    def __init__(self, port: int) -> None:
        self.acknowledged: list[str] = []
        self.cut = 0  # requests to which no answer came
        self._port = port
        self._asked_at = self._enough = 0
        self._thread: threading.Thread | None = None

    def start(self, events: int) -> None:
        """Begin to send until so many more events are acknowledged."""
        self._asked_at = len(self.acknowledged)
        self._enough = self._asked_at + events
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()

    def wait_for(self, events: int) -> None:
        """Wait until so many of the events asked for last are acknowledged."""
        while len(self.acknowledged) < self._asked_at + events:
            time.sleep(0.001)

    def finish(self) -> None:
        """Wait until enough events are acknowledged."""
        assert self._thread is not None
        self._thread.join()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._client())

    async def _client(self) -> None:
        chance = random.Random()
        while len(self.acknowledged) < self._enough:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            try:
                while len(self.acknowledged) < self._enough:
                    count, encode = chance.choice(FORMS)
                    uuids = [str(uuid.uuid4()) for _ in range(count)]
                    if await self._sent(reader, writer, encode([_event(uuid) for uuid in uuids])):
                        self.acknowledged += uuids
            except (OSError, EOFError):
                self.cut += 1  # perhaps kept, perhaps not: it is not sent again
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _sent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> bool:
        head = f"POST /v1/events HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        (length,) = (int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        return answer.startswith(b"HTTP/1.1 200 ")


def _event(uuid: str) -> dict[str, object]:
    return {"event": "sent", "distinct_id": f"user-{uuid[:3]}", "uuid": uuid, "properties": {"text": uuid * 4, "number": 1.5, "list": [1, 2, 3]}}
