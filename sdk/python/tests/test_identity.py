"""UUIDs are told from what looks like them, all of a request at once."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield_sdk.identity import NIL_UUID, are_uuids

GOOD = "01a202fc-de97-7faf-bd9b-61977d55a29f"


@given(st.lists(st.uuids().map(str)))
def test_uuids_are_uuids(texts: list[str]) -> None:
    assert are_uuids(texts)


@given(st.lists(st.uuids().map(str)), st.one_of(st.text(), st.text("0123456789abcdef-,", min_size=30, max_size=40), st.just(f"{GOOD},{GOOD}")))
def test_one_that_is_none_shows(texts: list[str], other: str) -> None:
    assert not are_uuids([*texts, other])


@pytest.mark.parametrize(
    "other", ["", GOOD.upper(), GOOD.replace("-", ""), "{" + GOOD + "}", GOOD[:-1] + "g", GOOD[:-1] + "é", GOOD[:-1] + "\ud83d", GOOD + "\n"]
)
def test_other_spellings_are_none(other: str) -> None:
    assert not are_uuids([str(uuid4()), other, NIL_UUID])


def test_what_one_lacks_the_next_does_not_make_up_for() -> None:
    assert not are_uuids([GOOD[:-1], GOOD[-1] + GOOD])
    assert not are_uuids([GOOD + "," + GOOD[:10], GOOD[11:]])
