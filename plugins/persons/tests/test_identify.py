"""Whose an event is, and which events are nobody's."""

import uuid

import pytest

from jackfield_persons.identify import CONTRADICTION, MAX_REMEMBERED_IDS, PersonIds
from jackfield_sdk.testing import Stack, event

NAMESPACE = uuid.UUID("932979b4-65c3-4424-8467-0b66ec27bc22")


def test_the_id_of_a_person_is_the_uuid5_of_project_and_distinct_id(stack: Stack) -> None:
    stack.capture([event("looked", "ada"), event("paid", "ada"), event("looked", "Ünïcode|'\"")])

    found = {str(stored["distinct_id"]): stored["person_id"] for stored in stack.events()}
    assert found == {name: str(uuid.uuid5(NAMESPACE, f"{stack.project.id}:{name}")) for name in ("ada", "Ünïcode|'\"")}


def test_ids_of_projects_differ_and_are_forgotten_when_they_are_many() -> None:
    persons = PersonIds()

    assert persons[1]["ada"] != persons[2]["ada"]
    persons[3].update({f"{number}": "" for number in range(MAX_REMEMBERED_IDS)})
    persons.forget_if_many()
    assert len(persons) == 0
    assert persons[1]["ada"] == str(uuid.uuid5(NAMESPACE, "1:ada"))


def test_an_event_without_a_person_says_nothing_of_one(stack: Stack) -> None:
    said = {"$set": {"a": 1}, "$set_once": {"b": 2}, "$unset": ["c"], "plan": "big"}

    stack.capture([event("looked", "ada", **{"$process_person_profile": False}, **said), event("looked", "bob", **said)])

    properties = {str(stored["distinct_id"]): stored["properties"] for stored in stack.events()}
    assert properties == {"ada": {"$process_person_profile": False, "plan": "big"}, "bob": said}


@pytest.mark.parametrize("value", [None, 0, 0.0, "false", "", [], True, 1])
def test_only_false_itself_makes_an_event_personless(stack: Stack, value: object) -> None:
    stack.capture([event("looked", "ada", **{"$process_person_profile": value, "$set": {"a": 1}})])  # type: ignore[arg-type]

    assert stack.events()[0]["properties"] == {"$process_person_profile": value, "$set": {"a": 1}}


def test_events_about_persons_that_want_none_are_dropped(stack: Stack) -> None:
    personless = {"$process_person_profile": False}

    stack.capture([event(name, "ada", **personless) for name in ("$identify", "$create_alias", "$merge_dangerously", "$groupidentify", "looked")])

    assert [stored["event"] for stored in stack.events()] == ["looked"]
    assert stack.dropped() == {CONTRADICTION: 4}
