"""What is remembered of persons, and how it is forgotten."""

from jackfield_persons.known import SETTLED_PER_PERSON, KnownPersons


def test_persons_are_unknown_until_they_are_remembered() -> None:
    known = KnownPersons()

    known.remember({"ada": [1, 2]})

    assert known.unknown({"ada", "bob"}) == {"bob"}
    assert (known.settled("ada"), known.settled("bob")) == ((1, 2), ())


def test_the_latest_settled_changes_are_kept() -> None:
    known = KnownPersons()

    known.remember({"ada": [1, 2, 3, 4, 5, 6]})

    assert known.settled("ada") == (3, 4, 5, 6)
    assert SETTLED_PER_PERSON == 4


def test_who_is_not_seen_for_two_generations_is_forgotten_who_is_stays() -> None:
    known = KnownPersons(size=2)
    known.remember({"ada": [7], "bob": ()})

    for person in ("c", "d", "e", "f", "g", "h"):
        assert known.unknown({person, "ada"}) == {person}
        known.remember({person: ()})

    assert known.settled("ada") == (7,)
    assert known.unknown({"bob"}) == {"bob"}


def test_no_more_than_two_generations_are_kept() -> None:
    known = KnownPersons(size=10)

    for number in range(1_000):
        known.unknown({f"person {number}"})
        known.remember({f"person {number}": ()})

    assert len(known.unknown({f"person {number}" for number in range(1_000)})) >= 1_000 - 22
