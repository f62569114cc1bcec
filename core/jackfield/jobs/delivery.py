"""Delivers the outbox to subscribers, each at its own pace and in order, at least once."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from jackfield.host.host import Host
from jackfield.jobs.backoff import backoff_seconds
from jackfield.jobs.together import run_together
from jackfield.storage.outbox import OutboxReader
from jackfield_sdk import Delivery, Locks, Retryable, Subscriber

POLL_SECONDS: Final = 0.5
LEASE_SECONDS: Final = 10.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A subscriber, ready to be told."""

    plugin: str
    name: str
    deliver: Callable[[Sequence[Delivery]], None]
    max_batch: int
    max_attempts: int


def build_recipients(host: Host) -> list[Recipient]:
    """Build the delivery of each contributed subscriber. One that cannot be built is left out: its events wait."""
    recipients: list[Recipient] = []
    for item in host.registry.of(Subscriber):
        subscriber = item.value
        try:
            deliver = subscriber.deliver(host.context(item.plugin))
        except (Exception, SystemExit):
            logger.exception("Subscriber %r of plugin %r cannot be built; its events wait.", subscriber.name, item.plugin)
            continue
        recipients.append(
            Recipient(
                plugin=item.plugin,
                name=subscriber.name,
                deliver=deliver,
                max_batch=subscriber.max_batch,
                max_attempts=subscriber.max_attempts,
            )
        )
    return recipients


def deliver_outbox(outbox: OutboxReader, recipients: Sequence[Recipient], locks: Locks, stop: threading.Event) -> None:
    """Deliver until told to stop, one thread per recipient. Only one process at a time does: a second one would break the order."""
    while recipients and not stop.is_set():
        with suppress(Retryable), locks.hold("deliver outbox", seconds=LEASE_SECONDS) as held:
            if held:
                run_together({f"deliver {each.name}": partial(DeliveryLoop(outbox, each).run, stop) for each in recipients}, stop)
        stop.wait(LEASE_SECONDS / 3)


class DeliveryLoop:
    """The way of one recipient's events. What fails holds up what is behind it, never other recipients or ingestion."""

    def __init__(self, outbox: OutboxReader, recipient: Recipient, *, backoff: Callable[[int, BaseException], float] = backoff_seconds) -> None:
        self._outbox = outbox
        self._recipient = recipient
        self._backoff = backoff
        self._failures = 0
        """How often the oldest waiting batch has failed; a restart begins at 0."""

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop."""
        while not stop.is_set():
            try:
                pause = self.step()
            except Retryable as problem:
                logger.warning("The outbox cannot be read now: %s", problem)
                pause = POLL_SECONDS
            stop.wait(pause)

    def step(self) -> float:
        """Deliver one batch.

        Returns:
            Seconds to wait before the next.
        """
        waiting = self._outbox.pending(self._recipient.name, self._recipient.max_batch)
        if not waiting:
            return POLL_SECONDS
        problem = self._deliver([delivery for _, delivery in waiting])
        if problem is None:
            self._outbox.advance(self._recipient.name, waiting[-1][0])
            self._failures = 0
            return 0.0
        self._failures += 1
        if self._failures < self._recipient.max_attempts:
            return self._backoff(self._failures, problem)
        self._give_up(waiting, problem)
        self._failures = 0
        return 0.0

    def _give_up(self, waiting: Sequence[tuple[int, Delivery]], problem: Exception) -> None:
        """Try each event of a batch alone, a last time, so that one that cannot be delivered does not take its neighbours with it."""
        for offset, delivery in waiting:
            reason: Exception | None = problem if len(waiting) == 1 else self._deliver([delivery])
            if reason is None:
                self._outbox.advance(self._recipient.name, offset)
            else:
                self._outbox.dead(self._recipient.name, offset, f"{type(reason).__name__}: {reason}")

    def _deliver(self, deliveries: Sequence[Delivery]) -> Exception | None:
        try:
            self._recipient.deliver(deliveries)
        except Exception as problem:
            logger.warning(
                "Subscriber %r of plugin %r failed for %s events: %s: %s",
                self._recipient.name,
                self._recipient.plugin,
                len(deliveries),
                type(problem).__name__,
                problem,
            )
            return problem
        return None
