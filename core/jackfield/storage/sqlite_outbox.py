"""The outbox within the files of the embedded log. Implements `OutboxReader`; the jobs process alone reads it."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jackfield.storage.log_file import Durability, log_files, open_log_file
from jackfield_sdk import Delivery, Retryable

# An offset tells the file in its upper bits, so that advancing in one says nothing about the others.
_FILE_SHIFT: Final = 48


class SqliteOutbox:
    """Reads and empties the outbox of one lane; each file in turn. Connections are those of the calling thread."""

    def __init__(self, directory: Path, *, lane: str, durability: Durability) -> None:
        self._directory = directory
        self._lane = lane
        self._durability: Durability = durability
        self._local = threading.local()
        self._turn = 0

    def pending(self, subscriber: str, limit: int) -> list[tuple[int, Delivery]]:
        """See `OutboxReader.pending`."""
        slots = [slot for slot, _ in log_files(self._directory, self._lane)]
        self._turn += 1
        for position in range(len(slots)):
            slot = slots[(self._turn + position) % len(slots)]
            with self._file(slot) as file:
                rows = file.execute(
                    "SELECT id, project_id, event FROM outbox WHERE subscriber = ? ORDER BY id LIMIT ?", (subscriber, limit)
                ).fetchall()
            found = [((slot << _FILE_SHIFT) | row, Delivery(project_id=project, event=json.loads(event))) for row, project, event in rows]
            if found:
                return found
        return []

    def advance(self, subscriber: str, offset: int) -> None:
        """See `OutboxReader.advance`."""
        slot, row = offset >> _FILE_SHIFT, offset & ((1 << _FILE_SHIFT) - 1)
        with self._file(slot) as file:
            file.execute("DELETE FROM outbox WHERE subscriber = ? AND id <= ?", (subscriber, row))

    def dead(self, subscriber: str, offset: int, reason: str) -> None:
        """See `OutboxReader.dead`."""
        slot, row = offset >> _FILE_SHIFT, offset & ((1 << _FILE_SHIFT) - 1)
        with self._file(slot) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute(
                "INSERT INTO dead_letter (at, project_id, record_id, position, plugin, reason, event, uuid) "
                "SELECT ?, project_id, 'outbox:' || id, NULL, ?, ?, coalesce(event ->> 'event', ''), coalesce(event ->> 'uuid', '') "
                "FROM outbox WHERE id = ?",
                (int(time.time() * 1_000_000), subscriber, reason, row),
            )
            file.execute("INSERT OR IGNORE INTO dead_record SELECT 'outbox:' || id, event FROM outbox WHERE id = ?", (row,))
            file.execute("DELETE FROM outbox WHERE id = ?", (row,))
            file.execute("COMMIT")

    def close(self) -> None:
        """Close the calling thread's connections."""
        for connection in self._local.__dict__.pop("files", {}).values():
            connection.close()

    @contextmanager
    def _file(self, slot: int) -> Iterator[sqlite3.Connection]:
        opened: dict[int, sqlite3.Connection] = self._local.__dict__.setdefault("files", {})
        try:
            if slot not in opened:
                path = dict(log_files(self._directory, self._lane))[slot]
                opened[slot] = open_log_file(path, durability=self._durability)
            yield opened[slot]
        except sqlite3.OperationalError as problem:  # busy, or its disk is full
            if slot in opened and opened[slot].in_transaction:
                opened[slot].execute("ROLLBACK")
            raise Retryable(f"The outbox cannot be used now: {problem}.") from problem
