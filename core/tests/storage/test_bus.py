"""What users of the bus rely on, over both metadata databases."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from jackfield.storage.bus import KEPT_MESSAGES, TableBus
from jackfield.storage.database import MetadataDatabase
from jackfield_sdk import JsonObject, Refused

LISTEN = """
from jackfield.host.configuration import read_configuration
from jackfield.storage.bus import TableBus
from jackfield.storage.database import open_database
database = open_database(read_configuration())
with TableBus(database).subscribe("flags") as messages:
    print("ready", flush=True)
    print(next(messages)["name"], flush=True)
database.close()
"""


@pytest.fixture
def bus(database: MetadataDatabase) -> Iterator[TableBus]:
    yield TableBus(database)
    _wait_until(lambda: "bus" not in _threads())  # nothing runs without a subscription


def test_a_message_reaches_another_process_within_a_second(bus: TableBus, environment: dict[str, str]) -> None:
    listener = subprocess.Popen([sys.executable, "-c", LISTEN], env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    with listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "ready\n"

        published_at = time.monotonic()
        bus.publish("other", {"not": "this"})
        bus.publish("flags", {"project": 1, "name": "Žofie"})

        assert listener.stdout.readline() == "Žofie\n"
        assert time.monotonic() - published_at < 1.0
    assert listener.returncode == 0


def test_the_generation_tells_who_missed_a_message(bus: TableBus, database: MetadataDatabase) -> None:
    elsewhere = TableBus(database)
    assert bus.generation("flags") == 0

    elsewhere.publish("flags", {})
    elsewhere.publish("flags", {})

    assert (bus.generation("flags"), bus.generation("other")) == (2, 0)


def test_a_subscriber_gets_what_is_published_from_now_on_in_order(bus: TableBus) -> None:
    with bus.subscribe("flags") as early:
        bus.publish("flags", {"number": 0})
        with bus.subscribe("flags") as late:
            for number in range(1, 20):
                bus.publish("flags", {"number": number})

            assert [next(early)["number"] for _ in range(20)] == list(range(20))
            assert [next(late)["number"] for _ in range(19)] == list(range(1, 20))


def test_closing_ends_the_iterator_of_a_waiting_thread(bus: TableBus) -> None:
    received: list[JsonObject] = []
    with bus.subscribe("flags") as messages:
        thread = threading.Thread(target=lambda: received.extend(messages))
        thread.start()
        bus.publish("flags", {"number": 1})
        _wait_until(lambda: received == [{"number": 1}])

    thread.join(timeout=1.0)
    assert not thread.is_alive()


def test_a_message_of_a_transaction_is_sent_when_that_commits(bus: TableBus, database: MetadataDatabase) -> None:
    with bus.subscribe("flags") as messages:
        with pytest.raises(ZeroDivisionError), database.transaction():
            bus.publish("flags", {"number": 1})
            _ = 1 / 0
        with database.transaction():
            bus.publish("flags", {"number": 2})
            assert TableBus(database).generation("flags") == 1

        assert next(messages) == {"number": 2}
    assert bus.generation("flags") == 1


def test_publishers_do_not_take_one_anothers_place(bus: TableBus) -> None:
    def publish(publisher: int) -> None:
        for number in range(10):
            bus.publish("flags", {"publisher": publisher, "number": number})

    with bus.subscribe("flags") as messages:
        threads = [threading.Thread(target=publish, args=(publisher,)) for publisher in range(3)]
        for thread in threads:
            thread.start()
        received = [next(messages) for _ in range(30)]

        assert sorted((str(message["publisher"]), str(message["number"])) for message in received) == [
            (str(publisher), str(number)) for publisher in range(3) for number in range(10)
        ]
        for thread in threads:
            thread.join()
    assert bus.generation("flags") == 30


def test_old_messages_do_not_pile_up(bus: TableBus, database: MetadataDatabase) -> None:
    with database.transaction():
        for _ in range(KEPT_MESSAGES + 10):
            bus.publish("flags", {})

    assert database.fetch("SELECT count(*) FROM core_bus_message") == [(KEPT_MESSAGES,)]


def test_a_message_is_small(bus: TableBus) -> None:
    with pytest.raises(Refused, match="'flags' has more than 65536 bytes"):
        bus.publish("flags", {"text": "x" * 70_000})
    assert bus.generation("flags") == 0


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def _wait_until(true: object) -> None:
    assert callable(true)
    deadline = time.monotonic() + 2.0
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
