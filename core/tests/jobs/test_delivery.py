"""How subscribers are told: in order, at least once, each at its own pace."""

import threading
from collections.abc import Sequence

import pytest

from jackfield.jobs.delivery import DeliveryLoop, Recipient, deliver_outbox
from jackfield.storage.database import MetadataDatabase
from jackfield.storage.locks import LeaseLocks
from jackfield_sdk import Delivery, Retryable


class ListOutbox:
    """An outbox in memory."""

    def __init__(self, **events: Sequence[str]) -> None:
        self.waiting = {
            name: [(offset, Delivery(project_id=1, event={"event": event})) for offset, event in enumerate(own, start=10)]
            for name, own in events.items()
        }
        self.dead_letters: list[tuple[str, int, str]] = []

    def pending(self, subscriber: str, limit: int) -> list[tuple[int, Delivery]]:
        return self.waiting.get(subscriber, [])[:limit]

    def advance(self, subscriber: str, offset: int) -> None:
        self.waiting[subscriber] = [item for item in self.waiting[subscriber] if item[0] > offset]

    def dead(self, subscriber: str, offset: int, reason: str) -> None:
        assert self.waiting[subscriber][0][0] == offset
        self.waiting[subscriber].pop(0)
        self.dead_letters.append((subscriber, offset, reason))


class Listener:
    """A subscriber that remembers, and fails for some events."""

    def __init__(self, *, poison: Sequence[str] = (), failures: int = 0) -> None:
        self.batches: list[list[str]] = []
        self.poison = poison
        self.failures = failures

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        events = [str(delivery.event["event"]) for delivery in deliveries]
        self.batches.append(events)
        if self.failures:
            self.failures -= 1
            raise Retryable("the destination is down")
        for event in events:
            if event in self.poison:
                raise ValueError(event)

    def recipient(self, name: str, *, max_batch: int = 2, max_attempts: int = 3) -> Recipient:
        return Recipient(plugin="mail", name=name, deliver=self.deliver, max_batch=max_batch, max_attempts=max_attempts)


def loop(outbox: ListOutbox, recipient: Recipient) -> DeliveryLoop:
    return DeliveryLoop(outbox, recipient, backoff=lambda failures, _problem: 100.0 * failures)


def test_events_are_delivered_in_order_and_forgotten() -> None:
    outbox, listener = ListOutbox(alerts=["a", "b", "c"]), Listener()
    alerts = loop(outbox, listener.recipient("alerts"))

    assert [alerts.step(), alerts.step(), alerts.step()] == [0.0, 0.0, 0.02]

    assert listener.batches == [["a", "b"], ["c"]]
    assert outbox.waiting == {"alerts": []}


def test_a_failed_batch_is_tried_again_later_before_anything_behind_it() -> None:
    outbox, listener = ListOutbox(alerts=["a", "b", "c"]), Listener(failures=2)
    alerts = loop(outbox, listener.recipient("alerts"))

    assert [alerts.step() for _ in range(4)] == [100.0, 200.0, 0.0, 0.0]

    assert listener.batches == [["a", "b"], ["a", "b"], ["a", "b"], ["c"]]
    assert outbox.dead_letters == []


def test_after_the_last_attempt_only_what_fails_alone_goes_to_the_dead_letter() -> None:
    outbox, listener = ListOutbox(alerts=["a", "poison", "c", "d"]), Listener(poison=["poison"])
    alerts = loop(outbox, listener.recipient("alerts", max_batch=3))

    assert [alerts.step() for _ in range(4)] == [100.0, 200.0, 0.0, 0.0]

    assert listener.batches[2:] == [["a", "poison", "c"], ["a"], ["poison"], ["c"], ["d"]]
    assert outbox.dead_letters == [("alerts", 11, "ValueError: poison")]
    assert outbox.waiting == {"alerts": []}


def test_an_event_that_is_alone_is_not_tried_once_more() -> None:
    outbox, listener = ListOutbox(alerts=["poison"]), Listener(poison=["poison"])
    alerts = loop(outbox, listener.recipient("alerts", max_attempts=1))

    assert alerts.step() == 0.0

    assert listener.batches == [["poison"]]
    assert outbox.dead_letters == [("alerts", 10, "ValueError: poison")]


@pytest.fixture
def locks(database: MetadataDatabase) -> LeaseLocks:
    return LeaseLocks(database)


def test_one_recipient_does_not_wait_for_another_and_only_one_process_delivers(locks: LeaseLocks) -> None:
    outbox = ListOutbox(broken=["x"], alerts=["a", "b", "c", "d"])
    broken, alerts = Listener(failures=1000), Listener()
    stop = threading.Event()
    recipients = [broken.recipient("broken"), alerts.recipient("alerts")]
    threads = [threading.Thread(target=deliver_outbox, args=(outbox, recipients, locks, stop)) for _ in range(2)]

    for thread in threads:
        thread.start()
    for _ in range(100):
        if not outbox.waiting["alerts"]:
            break
        stop.wait(0.02)
    stop.set()
    for thread in threads:
        thread.join()

    assert alerts.batches == [["a", "b"], ["c", "d"]]
    assert broken.batches == [["x"]]
    assert len(outbox.waiting["broken"]) == 1
