"""Named leases in the metadata database, so that only one process does a thing."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from jackfield_sdk import Database, Retryable

logger = logging.getLogger(__name__)


class LeaseLocks:
    """Implements the SDK's `Locks`. Clocks of different machines must agree to within a fraction of the lease."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def hold(self, name: str, *, seconds: float = 30.0) -> Iterator[bool]:
        """Try to take a lease, once; a thread renews it three times per period.

        Raises:
            Retryable: the database cannot be written now.
        """
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex}"
        if not self._take(name, owner, seconds):
            yield False
            return
        released = threading.Event()
        renewer = threading.Thread(target=self._renew, args=(name, owner, seconds, released), name=f"lock {name}", daemon=True)
        renewer.start()
        try:
            yield True
        finally:
            released.set()
            renewer.join()
            try:
                self._database.execute("DELETE FROM core_lock WHERE name = ? AND owner = ?", (name, owner))
            except Retryable as problem:
                logger.warning("Lock %r ends by its lease, it cannot be released now: %s", name, problem)

    def _take(self, name: str, owner: str, seconds: float) -> bool:
        now = datetime.now(UTC)
        taken = self._database.execute(
            "INSERT INTO core_lock (name, owner, until) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE core_lock.until < ?",
            (name, owner, now + timedelta(seconds=seconds), now),
        )
        return taken == 1

    def _renew(self, name: str, owner: str, seconds: float, released: threading.Event) -> None:
        while not released.wait(seconds / 3):
            until = datetime.now(UTC) + timedelta(seconds=seconds)
            try:
                if not self._database.execute("UPDATE core_lock SET until = ? WHERE name = ? AND owner = ?", (until, name, owner)):
                    logger.error("Lock %r was lost: this process stood still for longer than its lease of %s s.", name, seconds)
                    return
            except Retryable as problem:
                logger.warning("Lock %r cannot be renewed now: %s", name, problem)
