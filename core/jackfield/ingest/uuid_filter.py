"""Finds events that were sent before: a Bloom filter over (project, uuid), and an exact look into the store for what it suspects."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jackfield.ingest.events_step import EVENTS_TABLE
from jackfield.storage.chdb_door import DATABASE, ChdbStore
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.query import QueryLimits

WINDOW_SECONDS: Final = 24 * 3600
"""Receive time that one generation covers; two are kept, so a repeat is recognised for 24 to 48 hours."""

_PROBES: Final = 5
_SUSPECTS_PER_QUERY: Final = 5_000
_ROW_BYTES: Final = 64
"""More than a project and a uuid take in an answer."""

Hashes = NDArray[np.uint64]


class UuidFilter:
    """Remembers the events of the last day or two. Used by the consumer thread alone.

    Args:
        capacity: events per generation; when it is full the window gets shorter, not the memory larger (4 bytes per event).
    """

    def __init__(self, store: ChdbStore, *, capacity: int = 8_000_000, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._capacity = capacity
        self._clock = clock
        self._generations = [_Generation(capacity, clock()), _Generation(capacity, clock())]

    @property
    def bytes(self) -> int:
        """Memory that the filter takes."""
        return sum(generation.bytes for generation in self._generations)

    def rebuild(self) -> int:
        """Learn what the store received within the window, newest first as far as there is room; returns how many events that were."""
        answer = self._store.query(
            f"SELECT team_id, uuid FROM {DATABASE}.{EVENTS_TABLE} "  # noqa: S608 - constants
            "WHERE created_at >= now() - INTERVAL {seconds:UInt32} SECOND ORDER BY created_at DESC LIMIT {most:UInt32}",
            {"seconds": str(2 * WINDOW_SECONDS), "most": str(self._capacity)},
            output="RowBinary",
            limits=QueryLimits(seconds=600, result_rows=self._capacity, result_bytes=_ROW_BYTES * self._capacity),
        )
        # RowBinary writes a UUID as two little-endian halves.
        rows = np.frombuffer(answer, dtype=np.dtype([("project", "<i8"), ("high", "<u8"), ("low", "<u8")]))
        self._generations[0].add(_mix(rows["project"].astype(np.uint64), rows["high"], rows["low"]))
        return len(rows)

    def repeated(self, batch: EventBatch) -> list[int]:
        """Find rows whose event is in the store, or earlier in the batch; remember the others."""
        if not len(batch):
            return []
        self._rotate()
        hashes = event_hashes(batch.project_id, batch.uuid)
        twice = _later_copies(batch, hashes)
        seen = self._generations[0].has(hashes) | self._generations[1].has(hashes)
        suspects = np.flatnonzero(seen).tolist()
        known = self._in_store(batch, suspects)
        found = {row for row in suspects if (batch.project_id[row], batch.uuid[row]) in known}
        self._generations[0].add(hashes)
        return sorted(found | twice)

    def stored(self, batch: EventBatch) -> list[int]:
        """Find rows whose event is in the store, by asking for every one of them."""
        rows = range(len(batch))
        known = self._in_store(batch, rows)
        return [row for row in rows if (batch.project_id[row], batch.uuid[row]) in known]

    def remember(self, batch: EventBatch) -> None:
        """Learn a batch that was checked before the engine restarted."""
        if len(batch):
            self._rotate()
            self._generations[0].add(event_hashes(batch.project_id, batch.uuid))

    def _rotate(self) -> None:
        current = self._generations[0]
        if current.events >= self._capacity or self._clock() - current.since > WINDOW_SECONDS:
            self._generations = [_Generation(self._capacity, self._clock()), current]

    def _in_store(self, batch: EventBatch, suspects: Sequence[int]) -> set[tuple[int, str]]:
        known: set[tuple[int, str]] = set()
        for start in range(0, len(suspects), _SUSPECTS_PER_QUERY):
            rows = suspects[start : start + _SUSPECTS_PER_QUERY]
            projects = sorted({batch.project_id[row] for row in rows})
            answer = self._store.query(
                f"SELECT team_id, uuid FROM {DATABASE}.{EVENTS_TABLE} "  # noqa: S608 - constants
                "WHERE team_id IN {projects:Array(Int64)} AND uuid IN {uuids:Array(UUID)}",
                {"projects": _array(map(str, projects)), "uuids": _array(f"'{batch.uuid[row]}'" for row in rows)},
            )
            known.update((project, uuid) for project, uuid in json.loads(answer)["data"])
        return known


class _Generation:
    """A Bloom filter whose bits for one event lie in one 64-bit word: a look-up is a single access to memory."""

    def __init__(self, capacity: int, since: float) -> None:
        words = 1 << max(10, (capacity // 2).bit_length())  # 32 bits per event
        self._words = np.zeros(words, dtype=np.uint64)
        self._shift = np.uint64(64 - (words.bit_length() - 1))
        self.since = since
        self.events = 0

    @property
    def bytes(self) -> int:
        return self._words.nbytes

    def has(self, hashes: Hashes) -> NDArray[np.bool_]:
        masks = _masks(hashes)
        found: NDArray[np.bool_] = (self._words[hashes >> self._shift] & masks) == masks
        return found

    def add(self, hashes: Hashes) -> None:
        np.bitwise_or.at(self._words, hashes >> self._shift, _masks(hashes))
        self.events += len(hashes)


def event_hashes(projects: Sequence[int], uuids: Sequence[str]) -> Hashes:
    """Hash (project, uuid) of each row to 64 bits."""
    halves = np.frombuffer(bytes.fromhex("".join(uuids).replace("-", "")), dtype=">u8").astype(np.uint64)
    return _mix(np.asarray(projects, dtype=np.int64).astype(np.uint64), halves[0::2], halves[1::2])


def _mix(projects: Hashes, high: Hashes, low: Hashes) -> Hashes:
    """Stir all bits into all bits (the finaliser of splitmix64), so that ids made in order spread as well as random ones."""
    value = high ^ (low * np.uint64(0x9E3779B97F4A7C15)) ^ (projects * np.uint64(0xD6E8FEB86659FD93))
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = value ^ (value >> np.uint64(31))
    return mixed


def _masks(hashes: Hashes) -> Hashes:
    masks = np.zeros(len(hashes), dtype=np.uint64)
    for probe in range(_PROBES):  # the upper bits choose the word, the lower 30 the bits within it
        masks |= np.uint64(1) << ((hashes >> np.uint64(6 * probe)) & np.uint64(63))
    return masks


def _later_copies(batch: EventBatch, hashes: Hashes) -> set[int]:
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    if not len(same):
        return set()
    first: dict[tuple[int, str], int] = {}
    later: set[int] = set()
    for row in sorted({int(order[position + offset]) for position in same for offset in (0, 1)}):
        if first.setdefault((batch.project_id[row], batch.uuid[row]), row) != row:
            later.add(row)
    return later


def _array(values: Iterable[str]) -> str:
    return "[" + ",".join(values) + "]"
