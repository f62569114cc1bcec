"""Metadata databases for the tests of this room, and a worker that does not let them wait."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pytest
from tests.databases import database, environment, postgres_environment, postgres_url, sqlite_environment, sqlite_template

from jackfield.jobs import delivery, worker
from jackfield.jobs.queue import JobQueue
from jackfield.jobs.worker import Handler, Worker
from jackfield.storage.database import MetadataDatabase
from jackfield_sdk import JobRun

__all__ = ["database", "environment", "postgres_environment", "postgres_url", "sqlite_environment", "sqlite_template"]

Working = Callable[[Mapping[str, Callable[[JobRun], None]]], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (worker, delivery):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.02)


@pytest.fixture
def queue(database: MetadataDatabase) -> JobQueue:
    return JobQueue(database, ["mail.send", "mail.clean"])


@pytest.fixture
def working(queue: JobQueue) -> Working:
    """Run a worker with some handlers, three attempts each, in a thread while the context is open."""

    @contextmanager
    def work(handlers: Mapping[str, Callable[[JobRun], None]]) -> Iterator[None]:
        stop = threading.Event()
        built = {name: Handler(run=run, max_attempts=3) for name, run in handlers.items()}
        thread = threading.Thread(target=Worker(queue, built, lease_seconds=0.6, backoff=lambda _failures, _problem: 0.0).run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    return work
