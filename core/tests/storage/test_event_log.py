"""Conformance of the event log: what every implementation owes web workers and the engine. The embedded one is the first."""

import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jackfield.errors import LogFull
from jackfield.storage import sqlite_log
from jackfield.storage.eventlog import Completion, DeadLetter, LogReader, OutboxRow, RecordHeader, decode_record, encode_record
from jackfield.storage.log_file import open_log_file
from jackfield.storage.sqlite_log import SqliteLogReader, SqliteLogWriter
from jackfield.storage.sqlite_outbox import SqliteOutbox
from jackfield_sdk import Misconfigured, Retryable

LANE = "events"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


OpenWriter = Callable[..., SqliteLogWriter]


@pytest.fixture
def open_writer(folder: Path) -> Iterator[OpenWriter]:
    opened: list[SqliteLogWriter] = []

    def make(*, slot: int = 0, max_bytes: int = 10_000_000) -> SqliteLogWriter:
        writer = SqliteLogWriter(folder, lane=LANE, slot=slot, durability="fsync", max_bytes=max_bytes, wake=lambda answer: answer())
        opened.append(writer)
        return writer

    yield make
    for writer in opened:
        writer.close()


@pytest.fixture
def reader(folder: Path) -> Iterator[LogReader]:
    opened = SqliteLogReader(folder, lane=LANE, durability="fsync")
    yield opened
    opened.close()


def append(writer: SqliteLogWriter, *payloads: bytes, count: int = 1, weight: int = 0) -> None:
    """Append records one after another, each durable before the next."""
    for payload in payloads:
        done = threading.Event()
        errors: list[Exception | None] = []

        def answer(error: Exception | None, errors: list[Exception | None] = errors, done: threading.Event = done) -> None:
            errors.append(error)
            done.set()

        writer.append(count, weight or len(payload), payload, answer)
        assert done.wait(10)
        assert errors == [None]


def bodies(reader: LogReader, *, max_events: int = 100, max_bytes: int = 1 << 20) -> list[bytes]:
    """Read the next plan's payloads and complete it."""
    plan = reader.next_plan(max_events=max_events, max_bytes=max_bytes)
    assert plan is not None
    payloads = [payload for _, payload in reader.read(plan)]
    reader.complete(plan, Completion())
    return payloads


def test_a_record_comes_back_as_it_was_kept() -> None:
    header = RecordHeader(
        endpoint="core.events", project_id=7, received_at=1, path="/v1/events", query="a=b", client_ip="::1", headers={"user-agent": "curl\n"}
    )

    record = decode_record("file:1", encode_record(header, b"\x1f\x8b\x08\nbody\n"))

    assert (record.project_id, record.path, record.headers, record.body) == (7, "/v1/events", {"user-agent": "curl\n"}, b"\x1f\x8b\x08\nbody\n")


def test_records_come_out_in_the_order_they_went_in(open_writer: OpenWriter, reader: LogReader) -> None:
    append(open_writer(), b"one", b"two", b"three")

    assert bodies(reader) == [b"one", b"two", b"three"]
    assert reader.next_plan(max_events=100, max_bytes=1 << 20) is None


def test_a_batch_holds_no_more_events_than_asked_for_but_at_least_one_record(open_writer: OpenWriter, reader: LogReader) -> None:
    append(open_writer(), b"one", b"two", b"three", count=50)

    assert bodies(reader, max_events=100) == [b"one", b"two"]
    assert bodies(reader, max_events=10) == [b"three"]


def test_a_batch_holds_no_more_decompressed_bytes_than_asked_for(open_writer: OpenWriter, reader: LogReader) -> None:
    writer = open_writer()
    append(writer, b"a", b"b", weight=1000)
    append(writer, b"c", weight=5000)
    append(writer, b"d", weight=1000)

    assert [bodies(reader, max_bytes=3000) for _ in range(3)] == [[b"a", b"b"], [b"c"], [b"d"]]


def test_every_workers_records_are_read(open_writer: OpenWriter, reader: LogReader) -> None:
    append(open_writer(slot=0), b"zero")
    append(open_writer(slot=1), b"one")

    assert sorted([*bodies(reader), *bodies(reader)]) == [b"one", b"zero"]


def test_ids_never_come_again_after_the_log_was_empty(open_writer: OpenWriter, reader: LogReader) -> None:
    writer = open_writer()
    tokens = []
    for _ in range(3):
        append(writer, b"x")
        plan = reader.next_plan(max_events=10, max_bytes=1 << 20)
        assert plan is not None
        tokens.append(plan.token)
        reader.complete(plan, Completion())

    assert len(set(tokens)) == 3


def test_a_restart_cuts_the_same_batch_and_counts_the_attempt(open_writer: OpenWriter, folder: Path) -> None:
    writer = open_writer()
    append(writer, b"one")
    first = SqliteLogReader(folder, lane=LANE, durability="fsync")
    begun = first.next_plan(max_events=100, max_bytes=1 << 20)
    assert begun is not None
    first.mark_checked(begun, [(0, 3)])
    first.close()
    append(writer, b"came later")

    second = SqliteLogReader(folder, lane=LANE, durability="fsync")
    resumed = second.next_plan(max_events=100, max_bytes=1 << 20)

    assert resumed is not None
    assert (resumed.token, resumed.attempts, resumed.checked, resumed.repeated) == (begun.token, 2, True, ((0, 3),))
    assert [payload for _, payload in second.read(resumed)] == [b"one"]
    second.close()


def test_a_plan_is_halved_down_to_one_event(open_writer: OpenWriter, reader: LogReader) -> None:
    append(open_writer(), b"a", b"b", count=4)
    whole = reader.next_plan(max_events=100, max_bytes=1 << 20)
    assert whole is not None

    assert reader.split(whole)
    first = reader.next_plan(max_events=100, max_bytes=1 << 20)
    assert first is not None
    assert reader.split(first)
    parts = []
    for _ in range(3):
        part = reader.next_plan(max_events=100, max_bytes=1 << 20)
        assert part is not None
        parts.append((part.low, part.high, [payload for _, payload in reader.read(part)]))
        reader.complete(part, Completion())

    assert parts == [(0, None, [b"b"]), (0, 2, [b"a"]), (2, None, [b"a"])]
    assert reader.next_plan(max_events=100, max_bytes=1 << 20) is None
    assert reader.waiting().records == 0


def test_halves_inherit_what_the_filter_decided(open_writer: OpenWriter, reader: LogReader) -> None:
    append(open_writer(), b"a", b"b", b"c", count=4)
    plan = reader.next_plan(max_events=100, max_bytes=1 << 20)
    assert plan is not None
    plan = reader.mark_checked(plan, [(0, 3), (1, 0), (2, 2)])

    assert reader.split(plan)
    halves = []
    for _ in range(2):
        half = reader.next_plan(max_events=100, max_bytes=1 << 20)
        assert half is not None
        halves.append((half.checked, half.repeated))
        reader.complete(half, Completion())

    assert halves == [(True, ((0, 3),)), (True, ((0, 0), (1, 2)))]


def test_one_event_cannot_be_halved(open_writer: OpenWriter, reader: LogReader) -> None:
    append(open_writer(), b"a")
    plan = reader.next_plan(max_events=1, max_bytes=1 << 20)
    assert plan is not None

    assert not reader.split(plan)


def test_completion_brings_dead_letters_outbox_and_drops_at_once(open_writer: OpenWriter, reader: LogReader, folder: Path) -> None:
    append(open_writer(), b"a")
    plan = reader.next_plan(max_events=1, max_bytes=1 << 20)
    assert plan is not None
    letter = DeadLetter(project_id=1, record_id="f:1", index=0, plugin="p", reason="r", payload=b"a")

    reader.complete(
        plan,
        Completion(
            dead_letters=[letter], outbox=[OutboxRow(subscriber="s", project_id=1, events=[{"event": "x"}, {"event": "y"}])], dropped={(1, "why"): 2}
        ),
    )

    connection = open_log_file(folder / "events-0.db", durability="fsync")
    letters = connection.execute("SELECT plugin, reason, payload FROM dead_letter JOIN dead_record USING (record_id)")
    assert letters.fetchall() == [("p", "r", b"a")]
    assert connection.execute("SELECT reason, events FROM dropped").fetchall() == [("why", 2)]
    connection.close()
    outbox = SqliteOutbox(folder, lane=LANE, durability="fsync")
    waiting = outbox.pending("s", 10)
    assert [delivery.event for _, delivery in waiting] == [{"event": "x"}, {"event": "y"}]
    outbox.advance("s", waiting[0][0])
    outbox.dead("s", waiting[1][0], "gone")
    assert outbox.pending("s", 10) == []
    outbox.close()


def test_a_full_log_refuses_and_takes_again_once_there_is_room(open_writer: OpenWriter, reader: LogReader) -> None:
    writer = open_writer(max_bytes=1000)
    append(writer, b"x" * 600)

    with pytest.raises(LogFull, match="1000"):
        writer.append(1, 600, b"x" * 600, lambda _: None)
    bodies(reader)
    for _ in range(100):
        try:
            append(writer, b"y" * 600)
            break
        except LogFull:
            threading.Event().wait(0.02)

    assert bodies(reader) == [b"y" * 600]


def test_what_is_queued_at_the_end_is_committed(open_writer: OpenWriter, reader: LogReader) -> None:
    writer = open_writer()
    errors: list[Exception | None] = []
    for number in range(100):
        writer.append(1, 1, str(number).encode(), errors.append)

    writer.close()

    assert errors == [None] * 100
    assert len(bodies(reader)) == 100


def test_a_file_of_another_version_is_refused(folder: Path) -> None:
    path = folder / "events-0.db"
    connection = open_log_file(path, durability="fsync")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(Misconfigured, match=r"events-0.db has format 99; this version of Jackfield knows 1. Run the version that wrote it"):
        open_log_file(path, durability="fsync")


def test_a_disk_that_cannot_be_asked_refuses_records_and_the_log_goes_on(open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> None:
        raise OSError("stale handle")

    writer = open_writer()
    answered: queue.Queue[Exception | None] = queue.Queue()
    with monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", gone)

        writer.append(1, 1, b"one", answered.put)

        assert isinstance(answered.get(timeout=10), LogFull)
        assert writer.problem() == "The event log cannot be written: stale handle."

    append(writer, b"two")
    assert writer.problem() is None


def test_a_file_that_cannot_be_read_for_a_while_does_not_end_the_log(open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        raise sqlite3.OperationalError("disk I/O error")

    writer = open_writer()
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_log, "completed_bytes", broken)
        time.sleep(sqlite_log.LOOK_SECONDS * 1.5)

        append(writer, b"one")  # it is kept all the same

        assert writer.problem() == "The event log cannot be written: disk I/O error."

    append(writer, b"two")
    time.sleep(sqlite_log.LOOK_SECONDS * 3)
    assert writer.problem() is None


@pytest.mark.parametrize("ask", [lambda outbox: outbox.advance("s", 1), lambda outbox: outbox.dead("s", 1, "reason")])
def test_an_outbox_that_is_busy_can_be_asked_again(folder: Path, monkeypatch: pytest.MonkeyPatch, ask: Callable[[SqliteOutbox], None]) -> None:
    other = open_log_file(folder / "events-0.db", durability="fsync")
    outbox = SqliteOutbox(folder, lane=LANE, durability="fsync")
    assert outbox.pending("s", 1) == []
    outbox._local.files[0].execute("PRAGMA busy_timeout = 10")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Retryable, match="The outbox cannot be used now: database is locked"):
        ask(outbox)

    other.execute("COMMIT")
    ask(outbox)
    outbox.close()
    other.close()
