"""Both phases of `POST /v1/events` read a body alike, whatever is in it."""

import contextlib
import gzip
import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jackfield.capture.plain_body import MAX_EVENTS, PlainEvents, read_events
from jackfield.capture.plain_events import FUTURE_MICROSECONDS, decode, inspect
from jackfield_sdk import CaptureRequest, Record, Refused
from jackfield_sdk.batch import EventBatch

RECEIVED_AT = 1_767_312_245_678_901


def request(body: bytes, **headers: str) -> CaptureRequest:
    return CaptureRequest(
        method="POST",
        path="/v1/events",
        query="",
        headers={"authorization": "Bearer tok", **headers},
        body=body,
        client_ip="",
        received_at=RECEIVED_AT,
    )


def record(body: bytes) -> Record:
    return Record(
        id="file:1", project_id=7, endpoint="core.events", path="/v1/events", query="", headers={}, client_ip="", received_at=RECEIVED_AT, body=body
    )


def stored(*events: dict[str, Any]) -> EventBatch:
    return decode(record(json.dumps([{"event": "e", "distinct_id": "d", **event} for event in events]).encode()))


# What clients may send: mostly events, some with members of a wrong type, some with texts that are no valid Unicode.
TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(["", " ", "\ud83d", "\udc00x", "\0", "e" * 201, "0190aa3e-1234-7e5e-9e11-123456789abc"]))
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([10**30, 10**400, 1e300, float("nan")]))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
MEMBERS = {
    "event": st.one_of(st.just("e"), TEXTS, VALUES),
    "distinct_id": st.one_of(st.just("d"), TEXTS, VALUES),
    "uuid": st.one_of(st.none(), TEXTS, VALUES),
    "timestamp": st.one_of(st.none(), st.datetimes().map(str), NUMBERS, VALUES),
    "properties": st.one_of(st.dictionaries(TEXTS, VALUES, max_size=4), VALUES),
}
EVENTS = st.one_of(st.fixed_dictionaries({}, optional=MEMBERS), st.fixed_dictionaries(MEMBERS), VALUES)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Write events as clients do, and sometimes damage the result."""
    events = [json.dumps(event, ensure_ascii=draw(st.booleans())) for event in draw(st.lists(EVENTS, max_size=5))]
    form = draw(st.sampled_from(["array", "lines", "one"]))
    text = "[" + ",".join(events) + "]" if form == "array" else "\n".join(events[: 1 if form == "one" else None])
    body = text.encode("utf-8", "surrogatepass")
    if draw(st.booleans()):
        position = draw(st.integers(0, len(body)))
        body = body[:position] + draw(st.binary(max_size=2)) + body[position + draw(st.integers(0, 2)) :]
    return gzip.compress(body) if draw(st.booleans()) else body


@settings(max_examples=400, deadline=None)
@given(bodies())
@example(b'{"event":"e","distinct_id":"d","properties":{"a":1e400}}')
@example(b'{"event":"\\ud83d","distinct_id":"d","properties":{"\\ud83d":[NaN]}}')
@example(b'{"event":"e","distinct_id":"d"}\n{"event":"e",\n')
def test_inspect_and_decode_agree_and_what_they_give_is_clean(body: bytes) -> None:
    try:
        envelope = inspect(request(body))
    except Refused as refusal:
        with pytest.raises(Refused) as repeated:
            decode(record(body))
        assert str(repeated.value) == str(refusal)
        return

    batch = decode(record(body))

    assert len(batch) == envelope.count
    refused = [refusal.index for refusal in envelope.refusals]
    assert sorted([*batch.index, *refused]) == list(range(len(batch) + len(refused)))
    for row in batch.rows():
        assert 0 <= row["timestamp"] <= RECEIVED_AT + FUTURE_MICROSECONDS  # type: ignore[operator]
        assert str(row["event"]).strip()
        for text in (row["event"], row["distinct_id"]):
            assert "\0" not in str(text).encode().decode()
    for properties in batch.properties:
        assert isinstance(msgspec.json.decode(properties), dict)
        properties.decode("utf-8")
    again = decode(record(body))
    assert (again.uuid, again.timestamp, again.properties) == (batch.uuid, batch.timestamp, batch.properties)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fixed_dictionaries(MEMBERS), min_size=1, max_size=4))
def test_the_fast_and_the_slow_way_take_the_same_events(events: list[dict[str, Any]]) -> None:
    def taken(found: PlainEvents) -> list[tuple[int, str, str, str, int | None]]:
        return [(event.index, event.event, event.distinct_id, event.uuid, event.at) for event in found.taken]

    alone = [read_events(json.dumps([event]).encode(), "") for event in events]
    spoilt = read_events(json.dumps([*events, 7]).encode(), "")  # the 7 sends its neighbours the slow way

    expected = [(index, *rest) for index, found in enumerate(alone) for _, *rest in taken(found)]
    assert taken(spoilt) == expected


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("2026-01-02T00:04:05Z", 1_767_312_245_000_000),
        ("2026-01-02T00:04:05.123456789Z", 1_767_312_245_123_456),
        ("2026-01-02T02:04:05.5+02:00", 1_767_312_245_500_000),
        ("2026-01-02 00:04:05", 1_767_312_245_000_000),
        ("2026-01-02", 1_767_312_000_000_000),
        (1_767_312_245, 1_767_312_245_000_000),
        (1_767_312_245.25, 1_767_312_245_250_000),
        (1_767_312_245_250, 1_767_312_245_250_000),
        (None, RECEIVED_AT),
        (0, 0),
        ((RECEIVED_AT + FUTURE_MICROSECONDS) / 1_000_000 - 1, RECEIVED_AT + FUTURE_MICROSECONDS - 1_000_000),
        ((RECEIVED_AT + FUTURE_MICROSECONDS) / 1_000_000 + 1, RECEIVED_AT),
        ("2999-01-01", RECEIVED_AT),
        (10**20, RECEIVED_AT),
    ],
)
def test_timestamps(timestamp: str | float | None, expected: int) -> None:
    (found,) = stored({"timestamp": timestamp}).timestamp

    assert abs(found - expected) <= (1 if isinstance(timestamp, float) else 0)


@pytest.mark.parametrize("timestamp", ["soon", "", "1767312245", "2026-13-01", -1, "1969-12-31", True, []])
def test_a_timestamp_that_is_none_refuses_its_event(timestamp: object) -> None:
    found = read_events(json.dumps([{"event": "e", "distinct_id": "d", "timestamp": timestamp}, {"event": "e", "distinct_id": "d"}]).encode(), "")

    assert [refusal.index for refusal in found.refused] == [0]
    assert found.refused[0].reason.startswith("timestamp")


def test_the_most_events_of_a_request_are_taken_and_one_more_is_not() -> None:
    one = b'{"event":"e","distinct_id":"d"}'

    assert len(read_events(b"\n".join([one] * MAX_EVENTS), "").taken) == MAX_EVENTS
    for body in (b"\n".join([one] * (MAX_EVENTS + 1)), b"[" + b",".join([one] * (MAX_EVENTS + 1)) + b"]"):
        with pytest.raises(Refused, match="more than 50000 events"):
            read_events(body, "")


def test_long_properties_refuse_their_event() -> None:
    events = read_events(
        json.dumps([{"event": "e", "distinct_id": "d", "properties": {"a": "x" * size}} for size in (900_000, 1_000_000)]).encode(), ""
    )

    assert [event.index for event in events.taken] == [0]
    assert events.refused[0].reason == "properties are 1000009 bytes long; at most 1000000 are allowed"


def test_text_that_looks_like_a_huge_number_is_left_as_it_is() -> None:
    text = '{"a": "1e400", "b": "uuid-1e123456", "c": 1.50}'

    found = decode(record(b'{"event":"e","distinct_id":"d","properties":' + text.encode() + b"}"))

    assert found.properties == [text.encode()]


def test_random_bytes_are_refused_quietly() -> None:
    generator = random.Random(7)
    for size in (1, 2, 10, 1000):
        for _ in range(200):
            body = generator.randbytes(size)
            for text in (body, b"\x1f\x8b\x08" + body, b"[" + body, b"{" + body):
                with contextlib.suppress(Refused):
                    assert read_events(text, "").taken == []
