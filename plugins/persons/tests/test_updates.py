"""The rules by which events change a person, against the same rules written down value by value."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield_persons.person_keys import Update
from jackfield_persons.updates import apply_update, canonical

ABSENT = object()
names = st.sampled_from("abc")
values = st.sampled_from([None, 0, 1, 1.0, True, "x", "", [], {"a": None}, [1, {"b": 2}]])
objects = st.dictionaries(names, values, max_size=3)
updates = st.builds(Update, objects, objects, st.lists(names, max_size=2))


def by_value(properties, update):
    """Say for each name alone what becomes of it."""

    def value(name):
        before = properties.get(name, ABSENT)
        if name in update.unset:
            return ABSENT
        if name in update.set:
            return update.set[name]
        if name in update.set_once and (before is ABSENT or before is None):
            return update.set_once[name]
        return before

    found = {name: value(name) for name in {*properties, *update.set, *update.set_once}}
    return {name: value for name, value in found.items() if value is not ABSENT}


def applied(properties, sequence):
    found = copy.deepcopy(properties)
    for update in sequence:
        apply_update(found, update)
    return found


@given(objects, st.lists(updates, max_size=5))
def test_updates_follow_the_rules_for_each_value(properties, sequence) -> None:
    expected = properties
    for update in sequence:
        expected = by_value(expected, update)

    assert canonical(applied(properties, sequence)) == canonical(expected)


@given(objects, st.lists(updates, max_size=5))
def test_a_sequence_applied_again_changes_nothing(properties, sequence) -> None:
    once = applied(properties, sequence)

    assert canonical(applied(once, sequence)) == canonical(once)


@pytest.mark.parametrize(
    ("before", "update", "after"),
    [
        ({"a": 1}, Update({"a": 2}, {}, []), {"a": 2}),
        ({"a": 1}, Update({}, {"a": 2, "b": 3}, []), {"a": 1, "b": 3}),
        ({"a": None}, Update({}, {"a": 2}, []), {"a": 2}),
        ({"a": 0, "b": "", "c": False}, Update({}, {"a": 1, "b": "x", "c": True}, []), {"a": 0, "b": "", "c": False}),
        ({"a": 1}, Update({"b": 2, "c": 3}, {}, ["a", "b", "never there"]), {"c": 3}),
        ({}, Update({"a": 1}, {"a": 2}, []), {"a": 1}),
        ({}, Update({"a": None}, {"a": 2}, []), {"a": None}),
    ],
)
def test_one_update(before, update, after) -> None:
    assert applied(before, [update]) == after


def test_equal_properties_have_equal_texts_and_others_have_not() -> None:
    assert canonical({"a": {"x": 1, "y": 2}, "b": 3}) == canonical({"b": 3, "a": {"y": 2, "x": 1}})
    assert len({canonical({"a": value}) for value in (1, 1.0, True, "1", None)}) == 5
