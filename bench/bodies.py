"""Makes request bodies ahead of the timed window, every event unique, and keeps them in a file that all rounds share. Sends nothing."""

import json
import os
import random
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

DISTINCT_IDS: Final = 10_000
LENGTH: Final = struct.Struct("<I")
BODIES_PER_PIECE: Final = 2_000

PAGES: Final = ("/", "/pricing", "/docs", "/docs/install", "/blog", "/blog/why", "/sign-up", "/app/charts", "/app/people", "/app/settings")
BROWSERS: Final = (("Chrome", 141), ("Safari", 18), ("Firefox", 144), ("Edge", 141))
SYSTEMS: Final = (("Windows", "Desktop"), ("Mac OS X", "Desktop"), ("Android", "Mobile"), ("iOS", "Mobile"), ("Linux", "Desktop"))
NAMES: Final = ("$pageview", "$pageview", "$pageview", "$autocapture", "$pageleave", "report opened", "report shared", "invite sent")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the events of a load travel.

    Args:
        path: where requests go.
        per_request: events in one request.
        gzipped: compressed as an SDK does it, or plain.
        headers: beside Host and Content-Length.
    """

    path: str
    per_request: int
    gzipped: bool
    headers: Sequence[tuple[str, str]]

    def head(self) -> bytes:
        """Return the head of a request up to the value of Content-Length."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return f"POST {self.path} HTTP/1.1\r\nHost: bench\r\n{lines}Content-Length: ".encode()


def core_shape(per_request: int, token: str, *, gzipped: bool) -> Shape:
    """Describe `POST /v1/events`: one object, or an array."""
    headers = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"), *([("Content-Encoding", "gzip")] if gzipped else [])]
    return Shape("/v1/events", per_request, gzipped, headers)


def posthog_shape(per_request: int, *, gzipped: bool) -> Shape:
    """Describe what PostHog's SDKs send: `/batch/` for many events, `/i/v0/e/` for one."""
    headers = [("Content-Type", "application/json"), *([("Content-Encoding", "gzip")] if gzipped else [])]
    return Shape("/batch/" if per_request > 1 else "/i/v0/e/", per_request, gzipped, [*headers, ("User-Agent", "posthog-python/7.91.1")])


def write_bodies(path: Path, shape: Shape, token: str, count: int) -> None:
    """Write `count` bodies to a file, each behind its length. Uses all cores: nothing is measured meanwhile."""
    pieces = [(min(BODIES_PER_PIECE, count - start), shape, token) for start in range(0, count, BODIES_PER_PIECE)]
    with ProcessPoolExecutor() as pool, path.open("wb") as file:
        for piece in pool.map(_piece, pieces):
            file.write(piece)


def read_bodies(path: Path, first: int, count: int) -> Iterator[bytes]:
    """Yield bodies of a file, from the one numbered `first` on."""
    with path.open("rb") as file:
        for number in range(first + count):
            (length,) = LENGTH.unpack(file.read(LENGTH.size))
            if number < first:
                file.seek(length, os.SEEK_CUR)
            else:
                yield file.read(length)


def _piece(order: tuple[int, Shape, str]) -> bytes:
    count, shape, token = order
    encode = _encoder(shape, token)
    chance = random.Random(os.urandom(16))
    parts: list[bytes] = []
    for _ in range(count):
        body = encode([_event(chance) for _ in range(shape.per_request)])
        if shape.gzipped:
            compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
            body = compressor.compress(body) + compressor.flush()
        parts += (LENGTH.pack(len(body)), body)
    return b"".join(parts)


def _encoder(shape: Shape, token: str) -> Callable[[Sequence[str]], bytes]:
    if shape.path == "/v1/events":
        return lambda events: (events[0] if shape.per_request == 1 else f"[{','.join(events)}]").encode()
    if shape.per_request == 1:
        return lambda events: (events[0][:-1] + f',"api_key":"{token}"}}').encode()
    sent_at = _moment()
    return lambda events: f'{{"api_key":"{token}","historical_migration":false,"sent_at":"{sent_at}","batch":[{",".join(events)}]}}'.encode()


def _event(chance: random.Random) -> str:
    ids = chance.randbytes(56).hex()
    browser, version = chance.choice(BROWSERS)
    system, device = chance.choice(SYSTEMS)
    page = chance.choice(PAGES)
    person = chance.randrange(DISTINCT_IDS)
    properties = {
        "$browser": browser,
        "$browser_version": version,
        "$os": system,
        "$device_type": device,
        "$current_url": f"https://shop.example.com{page}?ref={ids[40:48]}",
        "$host": "shop.example.com",
        "$pathname": page,
        "$screen_height": 1080,
        "$screen_width": 1920,
        "$viewport_height": 900 + person % 180,
        "title": f"{page.rpartition('/')[2] or 'Home'} {person * 7 % 9_973}",
        "$viewport_width": 1600,
        "$lib": "web",
        "$lib_version": "1.449.2",
        "$insert_id": ids[64:80],
        "$raw_user_agent": f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {browser}/{version}.0.{person % 90}.0",
        "$time": 1_790_000_000.123 + chance.randrange(10**9) / 1000,
        "$device_id": _uuid(f"{person:032x}"),
        "$session_id": _uuid(ids[32:]),
        "$window_id": _uuid(ids[80:]),
        "$referrer": "$direct",
        "$referring_domain": "$direct",
        "$timezone": "Europe/London",
        "plan": "team" if person % 3 else "free",
        "seats": person % 40,
    }
    name = chance.choice(NAMES)
    shape = '{"uuid":"%s","event":"%s","distinct_id":"user-%d@example.com","timestamp":"%s","properties":%s}'
    return shape % (_uuid(ids), name, person, _moment(), json.dumps(properties, separators=(",", ":")))


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sizes(bodies: Iterable[bytes]) -> float:
    """Return the mean length of some bodies in bytes."""
    lengths = [len(body) for body in bodies]
    return sum(lengths) / len(lengths)
