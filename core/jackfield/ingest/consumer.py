"""The thread that keeps the engine stepping: waits for work, lets batches grow, backs off when the store is not there."""

import logging
import threading
import time
from typing import Final

from jackfield.ingest.engine import Engine
from jackfield.storage.eventlog import LogReader
from jackfield_sdk import Misconfigured, Retryable

logger = logging.getLogger(__name__)

IDLE_SECONDS: Final = 0.05
LONGEST_BACKOFF_SECONDS: Final = 10.0

BUSY_EVENTS: Final = 1000
"""A batch of so many means a stream: then larger batches save more than sooner ones are worth, since an insert costs much by itself."""

QUIET_SHARE: Final = 0.3
"""How much of the longest wait is waited otherwise, when somebody may be looking for the one event just sent."""


class Consumer:
    """Runs an engine until told to stop; a batch that was begun is finished."""

    def __init__(self, engine: Engine, reader: LogReader, *, max_wait_seconds: float, full_batch_events: int) -> None:
        """Prepare; `start` begins.

        Args:
            max_wait_seconds: how long a first event waits for others in a stream of events, unless the last batch shows that more are there
                anyway; `QUIET_SHARE` of it otherwise.
            full_batch_events: a batch of at least so many events means a backlog.
        """
        self._engine = engine
        self._reader = reader
        self._max_wait_seconds = max_wait_seconds
        self._full_batch_events = full_batch_events
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="consumer", daemon=True)
        self.problem: str | None = None

    def start(self) -> None:
        """Begin to consume."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in work and end."""
        self._stop.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Tell whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        backoff = 0.1
        events = self._full_batch_events  # of the last batch; at the start there may be a backlog
        while not self._stop.is_set():
            if events < self._full_batch_events:
                if not self._reader.has_waiting():
                    self._stop.wait(IDLE_SECONDS)
                    continue
                self._let_batch_grow(self._max_wait_seconds * (1.0 if events >= BUSY_EVENTS else QUIET_SHARE))
            try:
                begun = time.monotonic()
                events = self._engine.step()
                self.problem, backoff = None, 0.1
                logger.debug("batch done in %.0f ms", (time.monotonic() - begun) * 1000)
            except (Retryable, Misconfigured) as problem:
                self.problem = str(problem)
                logger.warning("the batch waits %.1f s: %s", backoff, problem)
                self._stop.wait(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _let_batch_grow(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0 and not self._reader.has_waiting(self._full_batch_events):
            self._stop.wait(min(left, IDLE_SECONDS))
