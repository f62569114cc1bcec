"""The outbox as whoever delivers it sees it: for each subscriber the events that wait, in order. The engine fills it in its log's file."""

from typing import Protocol

from jackfield_sdk import Delivery


class OutboxReader(Protocol):
    """Reads and empties the outbox. Subscribers are named as they were registered; offsets grow, and are the subscriber's own."""

    def pending(self, subscriber: str, limit: int) -> list[tuple[int, Delivery]]:
        """Return the oldest waiting deliveries with their offsets, in order."""
        ...

    def advance(self, subscriber: str, offset: int) -> None:
        """Forget a subscriber's deliveries up to and including an offset."""
        ...

    def dead(self, subscriber: str, offset: int, reason: str) -> None:
        """Move one delivery, the oldest that waits, to the dead letter; what is behind it goes on."""
        ...
