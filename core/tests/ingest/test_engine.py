"""What the engine makes of records: each event once, in the tables, whatever its neighbours do."""

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from jackfield_sdk import Context, Delivery, Reply, Sink, Stage, Subscriber, Transformer
from jackfield_sdk.batch import EventBatch, Mask
from jackfield_sdk.testing import Stack, event

Apply = Callable[[EventBatch], EventBatch]


def raises_on(name: str) -> Callable[[Context], Apply]:
    def build(_: Context) -> Apply:
        def apply(batch: EventBatch) -> EventBatch:
            if name in batch.event:
                raise ValueError(name)
            return batch

        return apply

    return build


def test_an_event_is_stored_as_it_was_sent(stack: Stack) -> None:
    uuid = "0193a1b2-0000-7000-8000-000000000001"

    answer = stack.capture(
        [{"event": "signed up", "distinct_id": "ada", "uuid": uuid, "timestamp": "2026-01-02T03:04:05.678901Z", "properties": {"plan": "big"}}]
    )

    assert answer == {"accepted": 1, "refused": []}
    assert stack.events() == [
        {
            "uuid": uuid,
            "event": "signed up",
            "distinct_id": "ada",
            "timestamp": "2026-01-02 03:04:05.678901",
            "person_id": "00000000-0000-0000-0000-000000000000",
            "properties": {"plan": "big"},
        }
    ]


def test_an_event_sent_again_is_stored_once(stack: Stack) -> None:
    again = event("paid") | {"uuid": "0193a1b2-0000-7000-8000-000000000002"}

    stack.capture([again, again])
    stack.capture([again, event("other")])

    assert sorted(str(stored["event"]) for stored in stack.events()) == ["other", "paid"]


@pytest.mark.parametrize(
    ("on_error", "stored"), [("pass", ["also fine", "fine", "poison"]), ("drop", ["also fine", "fine"]), ("dead_letter", ["also fine", "fine"])]
)
def test_a_failing_step_costs_only_its_own_event(stack: Stack, on_error: str, stored: list[str]) -> None:
    stack.add(Transformer(name="picky", stage=Stage.CLEAN, build=raises_on("poison"), on_error=on_error))  # type: ignore[arg-type]

    stack.capture([event("fine"), event("poison"), event("also fine")])

    assert sorted(str(found["event"]) for found in stack.events()) == stored
    letters = [(letter.plugin, letter.reason, letter.event) for letter in stack.dead_letters()]
    assert letters == ([("test", "ValueError: poison", "poison")] if on_error == "dead_letter" else [])
    assert stack.dropped() == ({"test: ValueError: poison": 1} if on_error == "drop" else {})


def test_steps_run_by_stage_then_order_then_name(stack: Stack) -> None:
    def append(letter: str) -> Callable[[Context], Apply]:
        def apply(batch: EventBatch) -> EventBatch:
            return batch.with_property("trail", [f"{earlier or ''}{letter}" for earlier in batch.property("trail")])

        return lambda _: apply

    stack.add(
        Transformer(name="b", stage=Stage.ENRICH, build=append("d")),
        Transformer(name="a", stage=Stage.ENRICH, build=append("c")),
        Transformer(name="z", stage=Stage.ENRICH, order=1, build=append("b")),
        Transformer(name="y", stage=Stage.CLEAN, build=append("a")),
    )

    stack.capture([event("walked", trail="")])

    assert stack.events()[0]["properties"] == {"trail": "abcd"}


def test_a_step_cannot_change_an_events_uuid_or_project(stack: Stack) -> None:
    def forge(_: Context) -> Apply:
        def apply(batch: EventBatch) -> EventBatch:
            columns = {name: batch.column(name) for name in ("record", "index", "event", "distinct_id", "timestamp", "created_at", "properties")}
            forged = ["0193a1b2-0000-7000-8000-00000000dead"] * len(batch)
            return EventBatch({**columns, "uuid": forged, "project_id": [2] * len(batch)})

        return apply

    stack.add(Transformer(name="forger", stage=Stage.TRANSFORM, build=forge, on_error="dead_letter"))

    stack.capture([event("mine")])

    assert stack.events() == []
    assert [letter.plugin for letter in stack.dead_letters()] == ["test"]


def test_what_is_no_batch_costs_its_events_only(stack: Stack) -> None:
    stack.add(Transformer(name="rubbish", stage=Stage.CLEAN, build=lambda _: lambda _batch: "rubbish"))  # type: ignore[arg-type, return-value]

    stack.capture([event("kept")])

    assert [found["event"] for found in stack.events()] == ["kept"]


def test_a_sink_that_fails_on_one_event_gets_the_others(stack: Stack) -> None:
    written: list[str] = []

    def build(_: Context) -> Callable[[EventBatch, str], None]:
        def write(batch: EventBatch, _token: str) -> None:
            if "poison" in batch.event:
                raise RuntimeError("no")
            written.extend(batch.event)

        return write

    stack.add(Sink(name="picky", build=build))

    stack.capture([event("fine"), event("poison"), event("also fine")])

    assert sorted(written) == ["also fine", "fine"]
    assert [(letter.plugin, letter.event) for letter in stack.dead_letters()] == [("test", "poison")]
    assert len(stack.events()) == 3


def test_subscribers_are_told_of_what_they_wait_for(stack: Stack) -> None:
    told: list[tuple[int, object, object]] = []
    stack.add(
        Subscriber(
            name="mailer",
            filter=lambda _: lambda batch: np.array([name == "paid" for name in batch.event]),
            deliver=lambda _: lambda deliveries: told.extend((one.project_id, one.event["event"], one.event["properties"]) for one in deliveries),
        )
    )

    stack.capture([event("paid", price=3), event("looked")])
    stack.deliver()

    assert told == [(stack.project.id, "paid", {"price": 3})]


def test_a_record_that_nobody_can_decode_becomes_a_dead_letter(stack: Stack) -> None:
    from jackfield_sdk import CaptureEndpoint, Envelope

    def decode(_record: object) -> EventBatch:
        raise KeyError("lost")

    stack.add(
        CaptureEndpoint(
            name="test.broken",
            paths=["/broken"],
            inspect=lambda request: Envelope(token=request.body.decode(), count=1),
            decode=decode,
            respond=lambda _: Reply(body=b"ok"),
        )
    )

    stack.request("POST", "/broken", b"phc_stack")
    stack.capture([event("fine")])

    assert [found["event"] for found in stack.events()] == ["fine"]
    assert [(letter.plugin, letter.reason) for letter in stack.dead_letters()] == [("test", "KeyError: 'lost'")]


def test_graphql_counts_what_was_captured(stack: Stack) -> None:
    stack.use("analytics")

    stack.capture([event("signed up"), event("signed up"), event("left")])
    answer = stack.graphql('{ projects { trend(days: 1, event: "signed up") { series { total } } } }')

    assert json.dumps(answer) == '{"projects": [{"trend": {"series": [{"total": 2.0}]}}]}'


def test_a_value_that_is_no_json_costs_its_own_event_and_names_who_gave_it(stack: Stack) -> None:
    def build(_: Context) -> Apply:
        def apply(batch: EventBatch) -> EventBatch:
            return batch.with_property("odd", [object() if name == "poison" else 1 for name in batch.event])  # type: ignore[list-item]

        return apply

    stack.add(
        Transformer(name="odd", stage=Stage.CLEAN, build=build),
        Subscriber(name="all", filter=lambda _: lambda batch: np.ones(len(batch), dtype=np.bool_), deliver=lambda _: lambda _deliveries: None),
    )

    stack.capture([event("fine"), event("poison")])

    assert [found["event"] for found in stack.events()] == ["fine"]
    assert [(letter.plugin, letter.event) for letter in stack.dead_letters()] == [("test", "poison")]


def test_identity_cannot_be_changed_in_place(stack: Stack) -> None:
    def build(_: Context) -> Apply:
        def apply(batch: EventBatch) -> EventBatch:
            batch.project_id[0] = 77  # type: ignore[index]
            return batch

        return apply

    stack.add(Transformer(name="thief", stage=Stage.CLEAN, build=build, on_error="dead_letter"))

    stack.capture([event("mine")])

    assert [(letter.plugin, letter.reason.partition(":")[0]) for letter in stack.dead_letters()] == [("test", "TypeError")]


def test_a_filter_that_fails_costs_its_own_event(stack: Stack) -> None:
    told: list[object] = []

    def picky(batch: EventBatch) -> Mask:
        if "poison" in batch.event:
            raise ValueError("no")
        return np.ones(len(batch), dtype=np.bool_)

    stack.add(
        Subscriber(name="picky", filter=lambda _: picky, deliver=lambda _: lambda deliveries: told.extend(one.event["event"] for one in deliveries))
    )

    stack.capture([event("fine"), event("poison"), event("also fine")])
    stack.deliver()

    assert sorted(str(name) for name in told) == ["also fine", "fine"]
    assert len(stack.events()) == 3
    assert [(letter.plugin, letter.event) for letter in stack.dead_letters()] == [("test", "poison")]


class Death(BaseException):
    """Ends a step as the death of the engine would: nothing catches it."""


def test_an_event_on_which_a_sink_kills_the_engine_costs_sinks_and_subscribers_nothing_else(stack: Stack) -> None:
    written: list[str] = []
    told: list[str] = []

    def write(batch: EventBatch, _token: str) -> None:
        if "poison" in batch.event:
            raise Death
        written.extend(batch.event)

    def deliver(deliveries: Sequence[Delivery]) -> None:
        told.extend(str(one.event["event"]) for one in deliveries)

    stack.add(
        Sink(name="killer", build=lambda _: write),
        Subscriber(name="all", filter=lambda _: lambda batch: np.ones(len(batch), dtype=np.bool_), deliver=lambda _: deliver),
    )
    names = ["a", "b", "c", "poison", "d", "e", "f", "g"]

    for _ in range(30):
        try:
            if _ == 0:
                stack.capture([event(name) for name in names])
            stack.process()
        except Death:
            continue
        break
    stack.deliver()

    assert sorted(str(stored["event"]) for stored in stack.events()) == sorted(names)
    assert sorted(written) == ["a", "b", "c", "d", "e", "f", "g"]
    assert sorted(told) == ["a", "b", "c", "d", "e", "f", "g"]
    assert [letter.reason for letter in stack.dead_letters()] == ["the engine died 1 time(s) on this event"]
