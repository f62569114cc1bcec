"""The jobs process: workers, schedules, delivery of the outbox, and the forgetting of work that ended long ago."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from jackfield.host.configuration import Configuration
from jackfield.host.host import Host
from jackfield.jobs.delivery import build_recipients, deliver_outbox
from jackfield.jobs.queue import JobQueue, open_queue
from jackfield.jobs.scheduler import Scheduler, read_timetables
from jackfield.jobs.together import run_together
from jackfield.jobs.worker import Worker, build_handlers
from jackfield.storage.outbox import OutboxReader
from jackfield.storage.services import provide_storage
from jackfield_sdk import Database, Jobs, Locks, Retryable

FORGET_DAYS: Final = 14
FORGET_EVERY_SECONDS: Final = 3600.0

logger = logging.getLogger(__name__)


def run_jobs(host: Host, configuration: Configuration, stop: threading.Event, *, outbox: OutboxReader | None = None) -> None:
    """Run everything that works in the background, until told to stop or one of its parts breaks.

    Provides the host with `Jobs`, and with the services of storage unless it has them.

    Args:
        outbox: where events for subscribers wait; without one nothing is delivered.

    Raises:
        PluginProblem: a schedule is not understood.
    """
    if host.find(Database) is None:
        provide_storage(host, configuration)
    database, locks = host.require(Database), host.require(Locks)
    queue = open_queue(host, database)
    host.provide(Jobs, queue)

    scheduler = Scheduler(database, queue, read_timetables(host))
    worker = Worker(queue, build_handlers(host))
    parts: dict[str, Callable[[], None]] = {
        "worker": lambda: worker.run(stop),
        "scheduler": lambda: scheduler.run(stop),
        "forget": lambda: _forget(queue, stop),
    }
    if outbox is not None:
        recipients = build_recipients(host)
        parts["delivery"] = lambda: deliver_outbox(outbox, recipients, locks, stop)
    run_together(parts, stop)


def _forget(queue: JobQueue, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            queue.forget(days=FORGET_DAYS)
        except Retryable as problem:
            logger.warning("Old work cannot be forgotten now: %s", problem)
        stop.wait(FORGET_EVERY_SECONDS)
