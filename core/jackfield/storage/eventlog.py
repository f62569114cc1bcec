"""The durable event log as the rest of core sees it: web workers append requests, the engine plans, reads and completes batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from jackfield_sdk import JsonObject, Record


class RecordHeader(msgspec.Struct, omit_defaults=True):
    """The header line of a record: what later steps know of the request beside its body."""

    endpoint: str
    project_id: int
    received_at: int
    path: str = ""
    query: str = ""
    client_ip: str = ""
    headers: dict[str, str] = {}


_encode_header = msgspec.json.Encoder().encode
_decode_header = msgspec.json.Decoder(RecordHeader).decode


def encode_record(header: RecordHeader, body: bytes) -> bytes:
    """Put header line and body together, as the log keeps them."""
    return _encode_header(header) + b"\n" + body


def decode_record(record_id: str, payload: bytes) -> Record:
    """Take a kept record apart."""
    line, _, body = payload.partition(b"\n")
    header = _decode_header(line)
    return Record(
        id=record_id,
        project_id=header.project_id,
        endpoint=header.endpoint,
        path=header.path,
        query=header.query,
        headers=header.headers,
        client_ip=header.client_ip,
        received_at=header.received_at,
        body=body,
    )


class LogWriter(Protocol):
    """One web worker's end of the log."""

    def append(self, count: int, weight: int, payload: bytes, done: Callable[[Exception | None], None]) -> None:
        """Queue one record for the next group commit.

        Args:
            count: events in the record.
            weight: bytes of the record once decompressed.
            done: called once, on the event loop that the writer was made for: with None when the record is durable, with the error when
                it is not (and never will be).

        Raises:
            LogFull: the log is at its limit; `done` is not called.
        """
        ...

    def close(self) -> None:
        """Commit what is queued and stop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Records that make one batch. It is stored before work begins, so that a restart cuts the same batch.

    Args:
        id: number of the plan within its log file.
        log: name of that file.
        token: names the batch in every table; from the file's random id and what the plan covers.
        low, high: of the one record of a plan that was split below records: its decoded events from position `low` up to, not including,
            `high`; None is their end.
        suspect: a half of a plan that killed the engine again and again.
        attempts: how often the work was begun, this time included.
        checked: the uuid filter has decided; `repeated` holds its answer.
        repeated: (record position, event index) of events that were stored earlier.
    """

    id: int
    log: str
    first: int
    last: int
    lane: str
    token: str
    low: int = 0
    high: int | None = None
    suspect: bool = False
    attempts: int = 0
    checked: bool = False
    repeated: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """What could not be processed: an event, or a whole record that nobody can decode.

    Args:
        index: place of the event in its record; None for the whole record.
        payload: the record as the log kept it.
    """

    project_id: int
    record_id: str
    index: int | None
    plugin: str
    reason: str
    payload: bytes
    event: str = ""
    uuid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """Events that one subscriber waits for."""

    subscriber: str
    project_id: int
    events: Sequence[JsonObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What becomes true together with the end of a plan."""

    dead_letters: Sequence[DeadLetter] = ()
    outbox: Sequence[OutboxRow] = ()
    dropped: Mapping[tuple[int, str], int] = field(default_factory=dict)


class LogReader(Protocol):
    """The engine's end of one lane of the log: every worker's records, one batch at a time.

    What changes something raises `Retryable` when the log cannot be written; then nothing has changed.
    """

    def has_waiting(self, events: int = 1) -> bool:
        """Tell whether about so many events wait; cheap enough to ask twenty times a second. More than one are estimated."""
        ...

    def next_plan(self, *, max_events: int, max_bytes: int) -> Plan | None:
        """Return the stored plan if there is one, with `attempts` raised; else plan the oldest records and store that; None when the log is empty."""
        ...

    def read(self, plan: Plan) -> list[tuple[str, bytes]]:
        """Return id and payload of each record of a plan, in order."""
        ...

    def mark_checked(self, plan: Plan, repeated: Sequence[tuple[int, int]]) -> Plan:
        """Store the uuid filter's decision with the plan."""
        ...

    def excuse(self, plan: Plan) -> None:
        """Take back that an attempt was counted: it failed, but the engine lives."""
        ...

    def split(self, plan: Plan) -> bool:
        """Replace a plan by its two halves, which inherit what the filter decided; False when it is one event and cannot be split."""
        ...

    def complete(self, plan: Plan, completion: Completion) -> None:
        """Delete plan and records, add dead letters and outbox rows: all in one transaction."""
        ...

    def waiting(self) -> "Backlog":
        """Measure what is not processed yet."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in the log."""

    records: int
    events: int
    bytes: int
    oldest_seconds: float
