"""The sink among things that fail, and what it costs."""

from contextlib import suppress
from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jackfield_persons.identify import identify_events
from jackfield_persons.known import KnownPersons
from jackfield_persons.person_keys import PersonKeysReader, read_update
from jackfield_persons.person_rows import IDS_PER_STATEMENT, PersonRows
from jackfield_persons.sink import PersonSink
from jackfield_persons.updates import MAX_PROPERTIES_BYTES, apply_update, canonical
from jackfield_sdk import Database, JsonObject, Retryable
from jackfield_sdk.identity import person_uuid
from jackfield_sdk.testing import Stack

numbers = count()

names = st.sampled_from("ab")
values = st.sampled_from([None, 1, 1.0, True, "x"])
objects = st.dictionaries(names, values, max_size=2)
changes = st.fixed_dictionaries({}, optional={"$set": objects, "$set_once": objects, "$unset": st.lists(names, max_size=1)})
events = st.tuples(st.sampled_from(["looked", "looked", "$exception"]), st.sampled_from(["ada", "bob", "eve"]), changes)
ways = st.sampled_from(["smoothly", "and comes again", "after a restart", "and the copy fails", "and dies after the copy"])
steps = st.lists(st.tuples(st.lists(events, min_size=1, max_size=4), ways), max_size=6)


class WatchedDatabase:
    """Counts the statements that pass through, and fails to write when told to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.statements = 0
        self.failure: Exception | None = None

    def fetch(self, sql, parameters=(), *, types=()):
        self.statements += 1
        return self._database.fetch(sql, parameters, types=types)

    def transaction(self):
        if self.failure is not None:
            raise self.failure
        self.statements += 1
        return self._database.transaction()


@pytest.fixture
def database(stack: Stack) -> WatchedDatabase:
    return WatchedDatabase(stack.context("persons").require(Database))


@pytest.fixture
def write(stack: Stack, batch_of, tables, database):
    """Pass events through transformer and sink as the engine does; the sink remembers few persons."""
    identify = identify_events(stack.context("persons"))
    sinks = []

    def pass_on(happened, *, token="batch", restart=False, remembers=1):
        if restart or not sinks:
            sinks.append(PersonSink(PersonRows(database), tables, PersonKeysReader(), KnownPersons(size=remembers)))
        sinks[-1].write(identify(batch_of(*happened)), token)

    return pass_on


@given(steps)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_persons_become_what_their_events_say_whatever_happens_on_the_way(write, tables, database, steps) -> None:
    example = f"{next(numbers)}:"
    expected: dict[str, JsonObject] = {}
    versions: dict[str, int] = {}

    for number, (happened, way) in enumerate(steps):
        happened = [(name, example + who, said) for name, who, said in happened]
        token = f"{example}{number}"
        failing = {"and the copy fails": tables, "and dies after the copy": database}.get(way)
        if failing is not None:
            before = stored(database, expected)
            failing.failure = Retryable("Not now.")
            with suppress(Retryable):  # a batch that changes nothing asks nobody
                write(happened, token=token)
            failing.failure = None
            assert stored(database, expected) == before
        write(happened, token=token, restart=way in ("after a restart", "and dies after the copy"))
        for name, who, said in happened:
            properties = expected.setdefault(who, {})
            if name != "$exception":
                (keys,) = PersonKeysReader().read([msgspec.json.encode(said)])
                apply_update(properties, read_update(keys))
        if way == "and comes again":
            inserts = len(tables.inserts)
            write(happened, token=f"{token} again")
            assert len(tables.inserts) == inserts

        persons = stored(database, expected)
        assert {who: properties for who, (_, properties) in persons.items()} == {who: canonical(properties) for who, properties in expected.items()}
        copies = tables.latest()
        for who, (version, properties) in persons.items():
            assert (version, canonical(copies[person_uuid(1, who)][1])) == (copies[person_uuid(1, who)][0], properties)
            assert version >= versions.get(who, 1)
            versions[who] = version


def stored(database, persons):
    """Return version and properties of each."""
    rows = {row.id: (row.version, canonical(row.properties)) for row in PersonRows(database).load([person_uuid(1, who) for who in persons])}
    return {who: rows[person_uuid(1, who)] for who in persons}


@pytest.mark.parametrize("persons", [10, 6_000])
def test_what_is_known_costs_no_statement_and_what_is_not_a_few(write, tables, database, persons: int) -> None:
    def statements(happened, token: str) -> int:
        database.statements = 0
        write(happened, token=token, remembers=persons)
        return database.statements

    happened = [("looked", f"person {number}", {"$set": {"number": number}}) for number in range(persons)]
    looked = [("looked", f"person {number}", {"at": 2}) for number in range(persons)]
    chunks = 1 + persons // IDS_PER_STATEMENT

    assert statements(happened, "new") == chunks + 1
    assert statements(happened, "the same again") == 0
    assert statements(looked, "nothing to say") == 0
    assert statements([*happened, ("looked", "person 0", {"$set": {"number": -1}})], "one changes") == 2
    assert len(tables.latest()) == persons


def test_a_change_of_type_is_a_change(write, tables) -> None:
    for number, value in enumerate([1, True, 1.0, "1", 1]):
        write([("looked", "ada", {"$set": {"a": value}})], token=str(number))

    assert tables.latest() == {person_uuid(1, "ada"): (5, {"a": 1})}


def test_two_changes_that_take_turns_are_both_applied_each_time(write, tables) -> None:
    for number in range(6):
        write([("looked", "ada", {"$set": {"a": number % 2}})], token=str(number))

    assert tables.latest() == {person_uuid(1, "ada"): (6, {"a": 1})}


def test_a_person_does_not_grow_without_end(write, tables, caplog) -> None:
    write([("looked", "ada", {"$set": {"a": 1}})], token="small")
    large = ("looked", "ada", {"$set": {"b": "x" * MAX_PROPERTIES_BYTES}})
    write([("looked", "ada", {"$set": {"d": 1}}), large, ("looked", "ada", {"$set": {"e": 1}}), ("looked", "bob", {"$set": {"c": 1}})], token="large")

    assert [properties for _, properties in tables.latest().values()] == [{"a": 1, "d": 1, "e": 1}, {"c": 1}]
    assert "is left out" in caplog.text


def test_persons_of_two_projects_with_one_name_are_two(batch_of, stack: Stack, tables) -> None:
    context = stack.context("persons")
    sink = PersonSink(PersonRows(context.require(Database)), tables, PersonKeysReader())
    happened = [("looked", "ada", {"$set": {"a": 1}}), ("looked", "ada", {"$set": {"a": 2}})]

    sink.write(identify_events(context)(batch_of(*happened, projects=[1, 2])), "batch")

    store = PersonRows(context.require(Database))
    assert [store.properties_of(project, store.person_of(project, "ada")) for project in (1, 2)] == [{"a": 1}, {"a": 2}]
    assert store.properties_of(2, store.person_of(1, "ada")) is None


@pytest.mark.parametrize(("timestamp", "year"), [(-(10**17), 1900), (253_402_300_799_000_000, 2299)])
def test_a_first_event_out_of_all_time_still_makes_a_person(stack: Stack, batch_of, timestamp: int, year: int) -> None:
    from jackfield_persons.sink import write_persons

    context = stack.context("persons")
    batch = identify_events(context)(batch_of(("looked", "ada", {})))

    write_persons(context)(batch.with_columns(timestamp=[timestamp]), "batch")

    (person,) = PersonRows(context.require(Database)).load([person_uuid(1, "ada")])
    assert person.created_at.year == year
