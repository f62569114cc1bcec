"""The filter of repeated events: no repeat passes, no first event is taken for one."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jackfield.ingest.uuid_filter import WINDOW_SECONDS, UuidFilter, event_hashes
from jackfield.storage.chdb_door import ChdbStore
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.testing import Stack, event


def batch_of(uuids: Sequence[str], project: int = 1) -> EventBatch:
    rows = len(uuids)
    return EventBatch.build(
        project_id=[project] * rows,
        uuid=list(uuids),
        event=["e"] * rows,
        distinct_id=["d"] * rows,
        timestamp=[0] * rows,
        created_at=[0] * rows,
        properties=[b"{}"] * rows,
    )


@pytest.fixture
def store(stack_home: object) -> ChdbStore:
    found = stack_home.store  # type: ignore[attr-defined]
    assert isinstance(found, ChdbStore)
    return found


def test_the_later_copies_within_a_batch_are_found(stack: Stack, store: ChdbStore) -> None:
    stack.process()
    a, b = str(uuid4()), str(uuid4())

    assert UuidFilter(store, capacity=1000).repeated(batch_of([a, b, a, a])) == [2, 3]


def test_one_uuid_in_two_projects_is_two_events(stack: Stack, store: ChdbStore) -> None:
    stack.process()
    uuid = str(uuid4())
    both = batch_of([uuid]).append(batch_of([uuid], project=2))

    assert UuidFilter(store, capacity=1000).repeated(both) == []


def test_what_was_remembered_but_never_stored_is_kept(stack: Stack, store: ChdbStore) -> None:
    stack.process()
    found = UuidFilter(store, capacity=1000)
    uuid = str(uuid4())

    assert found.repeated(batch_of([uuid])) == []
    assert found.repeated(batch_of([uuid])) == [], "only the store says that an event is there"


def test_a_new_filter_learns_from_the_store(stack: Stack, store: ChdbStore) -> None:
    stack.capture([event("a"), event("b")])
    uuids = [str(stored["uuid"]) for stored in stack.events()]
    found = UuidFilter(store, capacity=1000)

    assert found.rebuild() == 2
    assert found.repeated(batch_of([uuids[0], str(uuid4()), uuids[1]], stack.project.id)) == [0, 2]


def test_a_new_filter_learns_from_a_store_that_holds_many(stack: Stack, store: ChdbStore) -> None:
    stack.process()
    store.execute(
        "INSERT INTO jackfield.events (uuid, team_id, event, timestamp, created_at, properties) "
        "SELECT generateUUIDv4(), 1, 'e', now(), now(), '{}' FROM numbers(250000)"
    )

    assert UuidFilter(store, capacity=1_000_000).rebuild() == 250_000


def test_an_event_is_remembered_for_a_day_at_least(stack: Stack, store: ChdbStore) -> None:
    stack.capture([event("a")])
    uuid = str(stack.events()[0]["uuid"])
    now = 1_000_000.0
    found = UuidFilter(store, capacity=1000, clock=lambda: now)
    found.remember(batch_of([uuid], stack.project.id))

    now += WINDOW_SECONDS + 1
    assert found.repeated(batch_of([str(uuid4())])) == []
    assert found.repeated(batch_of([uuid], stack.project.id)) == [0]


def test_a_full_generation_shortens_the_window_not_the_memory(stack: Stack, store: ChdbStore) -> None:
    stack.process()
    found = UuidFilter(store, capacity=100)

    for _ in range(10):
        found.remember(batch_of([str(uuid4()) for _ in range(60)]))

    assert found.bytes == UuidFilter(store, capacity=100).bytes


@settings(max_examples=50)
@given(st.lists(st.uuids(), unique=True, min_size=2, max_size=50), st.integers(min_value=1, max_value=2**40))
def test_different_events_have_different_hashes(uuids: list[UUID], project: int) -> None:
    texts = [str(uuid) for uuid in uuids]

    assert len(set(event_hashes([project] * len(texts), texts).tolist())) == len(texts)
