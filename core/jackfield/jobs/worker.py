"""Runs queued work in threads: claims it, keeps its lease alive, and decides what an exception means."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal
from uuid import uuid4

from jackfield.host.host import Host
from jackfield.jobs.backoff import backoff_seconds
from jackfield.jobs.queue import Claim, JobQueue, Progress
from jackfield_sdk import Cancelled, Job, JobRun, JsonObject, Retryable

THREADS: Final = 4
LEASE_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.5
PROGRESS_SECONDS: Final = 0.2
"""A handler may tell its progress as often as it likes; so often it is written down."""
STOP_SECONDS: Final = 10.0
"""How long running work may take to notice that the process stops."""

logger = logging.getLogger(__name__)


class ProcessDied(Exception):  # noqa: N818 - shown to people as the type of the error
    """The process died while the work ran, at its last attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """What runs a job."""

    run: Callable[[JobRun], None]
    max_attempts: int


def build_handlers(host: Host) -> dict[str, Handler]:
    """Build the handler of each contributed job. One that cannot be built is left out: its work waits."""
    handlers: dict[str, Handler] = {}
    for item in host.registry.of(Job):
        name = f"{item.plugin}.{item.value.name}"
        try:
            run = item.value.build(host.context(item.plugin))
        except (Exception, SystemExit):
            logger.exception("Job %r of plugin %r cannot be built; its work waits.", name, item.plugin)
            continue
        handlers[name] = Handler(run=run, max_attempts=item.value.max_attempts)
    return handlers


class Worker:
    """One per process."""

    def __init__(
        self,
        queue: JobQueue,
        handlers: Mapping[str, Handler],
        *,
        threads: int = THREADS,
        lease_seconds: float = LEASE_SECONDS,
        backoff: Callable[[int, BaseException], float] = backoff_seconds,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._jobs = sorted(handlers)
        self._threads = threads
        self._lease_seconds = lease_seconds
        self._backoff = backoff
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex}"
        self._runs: set[Run] = set()
        self._wake = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; then let what runs notice it, and give that back to the queue."""
        renew_at = 0.0
        while not stop.is_set():
            try:
                if time.monotonic() >= renew_at:
                    self._renew()
                    renew_at = time.monotonic() + self._lease_seconds / 3
                self._claim()
            except Retryable as problem:
                logger.warning("The queue cannot be reached now: %s", problem)
            self._wake.wait(min(POLL_SECONDS, self._lease_seconds / 3))
            self._wake.clear()
        self._stop_runs()

    def _claim(self) -> None:
        free = self._threads - len(self._runs)
        for claim in self._queue.claim(self._owner, self._jobs, limit=free, lease_seconds=self._lease_seconds):
            run = Run(self._queue, claim, self._lease_seconds)
            self._runs.add(run)
            threading.Thread(target=self._work, args=(run,), name=f"job {claim.job}", daemon=True).start()

    def _renew(self) -> None:
        for run in tuple(self._runs):
            run.renew()

    def _stop_runs(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for run in tuple(self._runs):
            run.interrupt("stopping")
        while self._runs and time.monotonic() < deadline:
            self._wake.wait(0.1)
            self._wake.clear()
        for run in tuple(self._runs):
            logger.warning("Work %s (%s) did not stop; it runs again when its lease ends.", run.id, run.claim.job)

    def _work(self, run: "Run") -> None:
        try:
            self._conclude(run, self._outcome(run))
        except Retryable as problem:
            logger.warning("Work %s (%s) ended, but that cannot be noted; it runs again: %s", run.id, run.claim.job, problem)
        finally:
            self._runs.discard(run)
            self._wake.set()

    def _outcome(self, run: "Run") -> BaseException | None:
        handler = self._handlers[run.claim.job]
        if run.claim.cancel_requested:
            return Cancelled()
        if run.attempt > handler.max_attempts:
            return ProcessDied(f"The process died while this ran, at attempt {handler.max_attempts} of {handler.max_attempts}.")
        try:
            handler.run(run)
        except Cancelled as problem:
            return problem
        except (Exception, SystemExit) as problem:
            logger.exception("Job %r failed at attempt %s of %s.", run.claim.job, run.attempt, handler.max_attempts)
            return problem
        return None

    def _conclude(self, run: "Run", problem: BaseException | None) -> None:
        if problem is None:
            self._queue.finish(run.claim, run.latest)
        elif isinstance(problem, Cancelled):
            if run.interrupted == "stopping":
                self._queue.put_back(run.claim)
            else:  # when the lease is lost this changes nothing
                self._queue.end_cancelled(run.claim, run.latest)
        elif run.attempt >= self._handlers[run.claim.job].max_attempts:
            self._queue.fail(run.claim, run.latest, problem)
        else:
            self._queue.retry(run.claim, problem, seconds=self._backoff(run.attempt, problem))


class Run:
    """Implements the SDK's `JobRun`."""

    def __init__(self, queue: JobQueue, claim: Claim, lease_seconds: float) -> None:
        self.claim = claim
        self.latest = Progress()
        self.interrupted: Literal["cancelled", "lost", "stopping"] | None = None
        self._queue = queue
        self._lease_seconds = lease_seconds
        self._written_at = 0.0

    @property
    def id(self) -> str:
        return str(self.claim.id)

    @property
    def arguments(self) -> JsonObject:
        return self.claim.arguments

    @property
    def project_id(self) -> int | None:
        return self.claim.project_id

    @property
    def attempt(self) -> int:
        return self.claim.attempt

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.latest = Progress(done=done, total=total, note=note)
        if self.interrupted is None and time.monotonic() - self._written_at >= PROGRESS_SECONDS:
            with suppress(Retryable):  # the worker renews as well, and says so when it cannot
                self.renew()
        if self.interrupted is not None:
            raise Cancelled(f"Work {self.id} was {self.interrupted}.")

    def renew(self) -> None:
        """Prolong the lease, tell the progress, and learn whether somebody wants the work to stop."""
        self._written_at = time.monotonic()
        answer = self._queue.renew(self.claim, self.latest, lease_seconds=self._lease_seconds)
        if answer != "held":
            self.interrupt(answer)

    def interrupt(self, reason: Literal["cancelled", "lost", "stopping"]) -> None:
        """Make the handler's next `progress` raise; the first reason stays."""
        self.interrupted = self.interrupted or reason
