"""Ids: UUIDv7 for what we make, UUIDs derived from what we store."""

import hashlib
import os
import time
from collections.abc import Sequence
from uuid import UUID

NIL_UUID = "00000000-0000-0000-0000-000000000000"

_NIL_AND_COMMA = f"{NIL_UUID},".encode()
_HEXADECIMAL_AS_ZEROS = bytes.maketrans(b"123456789abcdef", b"000000000000000")

# Namespace of person ids, as PostHog derives them for personless events (wire protocol, ingestion semantics).
PERSON_NAMESPACE = UUID("932979b4-65c3-4424-8467-0b66ec27bc22")


def uuid7() -> UUID:
    """Make a time-ordered UUID (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    return _version7(milliseconds, os.urandom(10))


def are_uuids(texts: Sequence[str]) -> bool:
    """Tell whether all are UUIDs in their usual spelling, lower case. One look at all of them together, ten times as quick as one at each."""
    return ",".join(texts).encode("utf-8", "replace").translate(_HEXADECIMAL_AS_ZEROS) == (_NIL_AND_COMMA * len(texts))[:-1]


def derived_uuid7(seed: str, milliseconds: int) -> str:
    """Make the UUIDv7-shaped id that `seed` always gives: a replay of the same record yields the same ids."""
    return str(_version7(milliseconds, hashlib.sha1(seed.encode(), usedforsecurity=False).digest()[:10]))


def _version7(milliseconds: int, random: bytes) -> UUID:
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(random, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


_PERSON_HASH = hashlib.sha1(PERSON_NAMESPACE.bytes, usedforsecurity=False)


def person_uuid(project_id: int, distinct_id: str) -> str:
    """Derive the person of a distinct_id that was never merged: uuid5 of `<project>:<distinct_id>`."""
    digest = _PERSON_HASH.copy()  # the copied state saves seven eighths of uuid.uuid5
    digest.update(f"{project_id}:{distinct_id}".encode())
    hexadecimal = digest.hexdigest()
    variant = "89ab"[int(hexadecimal[16], 16) & 3]
    return f"{hexadecimal[:8]}-{hexadecimal[8:12]}-5{hexadecimal[13:16]}-{variant}{hexadecimal[17:20]}-{hexadecimal[20:32]}"
