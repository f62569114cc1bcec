"""Small messages between processes, through a table of the metadata database that subscribers look at four times a second.

Why a table and not sockets: raising a topic's generation writes to the database anyway, so the message costs one row more; it becomes
visible with the transaction that publishes it, never before; generation and message number are the same, so that order and gaps show;
it works alike over SQLite and over PostgreSQL with many machines; and there is nothing to bind, to clean up or to run full (a Unix
datagram socket holds ten messages, and its path at most 107 bytes). The price: while somebody subscribes, an idle process reads one
row per topic four times a second, some 20 µs each. Without a subscription nothing runs.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from jackfield.storage.database import MetadataDatabase
from jackfield.storage.sql_values import json_text
from jackfield_sdk import JsonObject, Refused, Retryable

POLL_SECONDS: Final = 0.25
KEPT_MESSAGES: Final = 256
"""Messages kept per topic: who is further behind has missed some, and sees it by the generation."""
MAX_MESSAGE_BYTES: Final = 64 * 1024
WAITING_MESSAGES: Final = 1024
"""Messages that wait in memory for one slow subscriber; beyond, the oldest go."""

logger = logging.getLogger(__name__)


class TableBus:
    """Implements the SDK's `Bus`. One per process."""

    def __init__(self, database: MetadataDatabase) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._seen: dict[str, int] = {}
        self._wake = threading.Event()
        self._running = False

    def publish(self, topic: str, message: JsonObject) -> None:
        """Send a message and raise the topic's generation; inside a transaction, when that commits.

        Inside a transaction of Django's ORM use `transaction.on_commit`: the bus has a connection of its own, which would wait for it.

        Raises:
            Refused: the message is too large; send a pointer to it instead.
            Retryable: the database cannot be written now; the generation was not raised.
        """
        if len(json_text(message)) > MAX_MESSAGE_BYTES:
            raise Refused(f"A message for {topic!r} has more than {MAX_MESSAGE_BYTES} bytes.")
        with self._database.transaction(snapshot=False) as transaction:
            rows = transaction.fetch(
                "INSERT INTO core_bus_topic (name, generation) VALUES (?, 1) "
                "ON CONFLICT (name) DO UPDATE SET generation = core_bus_topic.generation + 1 RETURNING generation",
                (topic,),
                types=(int,),
            )
            generation = cast("int", rows[0][0])
            transaction.execute("INSERT INTO core_bus_message (topic, generation, body) VALUES (?, ?, ?)", (topic, generation, message))
            transaction.execute("DELETE FROM core_bus_message WHERE topic = ? AND generation <= ?", (topic, generation - KEPT_MESSAGES))
        self._wake.set()

    @contextmanager
    def subscribe(self, topic: str) -> Iterator[Iterator[JsonObject]]:
        """Receive what is published from now on. Leaving the context, in whatever thread, ends the iterator."""
        subscription = Subscription(after=self.generation(topic))
        with self._lock:
            if topic not in self._subscriptions:
                self._seen[topic] = subscription.after
            self._subscriptions.setdefault(topic, []).append(subscription)
            if not self._running:
                self._running = True
                threading.Thread(target=self._watch, name="bus", daemon=True).start()
        try:
            yield subscription
        finally:
            subscription.close()
            with self._lock:
                self._subscriptions[topic].remove(subscription)
                if not self._subscriptions[topic]:
                    del self._subscriptions[topic]
            self._wake.set()

    def generation(self, topic: str) -> int:
        rows = self._database.fetch("SELECT generation FROM core_bus_topic WHERE name = ?", (topic,), types=(int,))
        return cast("int", rows[0][0]) if rows else 0

    def _watch(self) -> None:
        while True:
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            with self._lock:
                if not self._subscriptions:
                    self._running = False
                    return
                topics = list(self._subscriptions)
            try:
                for topic in topics:
                    self._deliver(topic)
            except Retryable as problem:
                logger.warning("The bus cannot be read now: %s", problem)

    def _deliver(self, topic: str) -> None:
        rows = self._database.fetch(
            "SELECT generation, body FROM core_bus_message WHERE topic = ? AND generation > ? ORDER BY generation",
            (topic, self._seen[topic]),
            types=(int, dict),
        )
        with self._lock:
            for generation, message in cast("list[tuple[int, JsonObject]]", rows):
                self._seen[topic] = generation
                for subscription in self._subscriptions.get(topic, ()):
                    if generation > subscription.after:
                        subscription.push(message)


class Subscription:
    """The iterator of one subscriber; blocks until there is a message or it is closed."""

    def __init__(self, *, after: int) -> None:
        self.after = after
        self._messages: deque[JsonObject] = deque(maxlen=WAITING_MESSAGES)
        self._changed = threading.Condition()
        self._closed = False

    def push(self, message: JsonObject) -> None:
        with self._changed:
            self._messages.append(message)
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> "Subscription":
        return self

    def __next__(self) -> JsonObject:
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self._closed)
            if self._closed:
                raise StopIteration
            return self._messages.popleft()
