"""Records of the log become one batch: in one go where the endpoint can, record by record where it cannot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from jackfield.host.registry import Contributed
from jackfield.ingest.decoding import RECORDS_AT_ONCE, decode_records
from jackfield.storage.eventlog import RecordHeader, encode_record
from jackfield_sdk import CaptureEndpoint, Envelope, Record, Reply
from jackfield_sdk.batch import EventBatch


@dataclass
class Format:
    """A format whose body names its events, separated by commas; `bad` cannot be read."""

    together: Callable[[Sequence[Record]], EventBatch] | None = None
    decoded_alone: list[str] = field(default_factory=list)

    def decode(self, record: Record) -> EventBatch:
        self.decoded_alone.append(record.id)
        return read([record])

    def endpoints(self) -> dict[str, Contributed[CaptureEndpoint]]:
        endpoint = CaptureEndpoint(
            name="test.format",
            paths=["/test"],
            inspect=lambda _: Envelope(token="", count=0),
            decode=self.decode,
            decode_many=self.together,
            respond=lambda _: Reply(),
        )
        return {"test.format": Contributed("test", endpoint)}


def read(records: Sequence[Record]) -> EventBatch:
    names = [(position, name) for position, record in enumerate(records) for name in record.body.decode().split(",") if name]
    if any(name == "bad" for _, name in names):
        raise ValueError("bad")
    return EventBatch.build(
        project_id=[records[position].project_id for position, _ in names],
        uuid=[f"{position}-{name}" for position, name in names],
        event=[name for _, name in names],
        distinct_id=["someone"] * len(names),
        timestamp=[0] * len(names),
        created_at=[0] * len(names),
        properties=[b"{}"] * len(names),
        record=[position for position, _ in names],
    )


def payloads(*bodies: bytes, endpoint: str = "test.format") -> list[tuple[str, bytes]]:
    return [(f"file:{n}", encode_record(RecordHeader(endpoint=endpoint, project_id=n % 3, received_at=0), body)) for n, body in enumerate(bodies)]


def test_records_are_decoded_in_one_go_where_the_endpoint_can() -> None:
    endpoint = Format(together=read)

    decoded = decode_records(payloads(b"a,b", b"", b"c"), endpoint.endpoints())

    assert list(zip(decoded.batch.record, decoded.batch.event, decoded.batch.project_id, strict=True)) == [(0, "a", 0), (0, "b", 0), (2, "c", 2)]
    assert endpoint.decoded_alone == []


def test_events_know_their_record_across_runs_of_many_records() -> None:
    bodies = [b"x"] * (2 * RECORDS_AT_ONCE + 3)

    together = decode_records(payloads(*bodies), Format(together=read).endpoints()).batch
    alone = decode_records(payloads(*bodies), Format().endpoints()).batch

    assert list(together.record) == list(alone.record) == list(range(len(bodies)))
    assert list(together.project_id) == list(alone.project_id)


def wrong_project(records: Sequence[Record]) -> EventBatch:
    return EventBatch.build(
        project_id=[9], uuid=["u"], event=["e"], distinct_id=["d"], timestamp=[0], created_at=[0], properties=[b"{}"], record=[len(records) - 1]
    )


def wrong_order(records: Sequence[Record]) -> EventBatch:
    return EventBatch.chained([read(records[1:]).numbered_from(1), read(records[:1])])


@pytest.mark.parametrize("together", [read, wrong_project, wrong_order])
def test_what_fails_together_is_decoded_alone_and_costs_its_own_record(together: Callable[[Sequence[Record]], EventBatch]) -> None:
    endpoint = Format(together=together)

    decoded = decode_records(payloads(b"a", b"bad", b"c"), endpoint.endpoints())

    assert list(zip(decoded.batch.record, decoded.batch.event, strict=True)) == [(0, "a"), (2, "c")]
    assert [(letter.record_id, letter.plugin, letter.reason) for letter in decoded.dead_letters] == [("file:1", "test", "ValueError: bad")]
    assert endpoint.decoded_alone == ["file:0", "file:1", "file:2"]


def test_a_record_of_an_endpoint_that_is_gone_costs_no_other() -> None:
    gone = payloads(b"x", endpoint="gone.format")

    decoded = decode_records([*payloads(b"a"), *gone, *payloads(b"b")], Format(together=read).endpoints())

    assert list(zip(decoded.batch.record, decoded.batch.event, strict=True)) == [(0, "a"), (2, "b")]
    assert [(letter.plugin, letter.payload) for letter in decoded.dead_letters] == [("gone", gone[0][1])]
