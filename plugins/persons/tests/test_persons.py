"""Persons, from captured events to both databases."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import msgspec

from jackfield_sdk import Database, PersonStore
from jackfield_sdk.ast import Field, Order, Select, Table
from jackfield_sdk.identity import person_uuid
from jackfield_sdk.testing import Stack, event


def properties_of(stack: Stack, distinct_id: str) -> object:
    store = stack.context().require(PersonStore)
    return store.properties_of(stack.project.id, store.person_of(stack.project.id, distinct_id))


def test_events_of_a_batch_apply_in_their_order(stack: Stack) -> None:
    stack.capture(
        [
            event("signed up", **{"$set": {"plan": "small", "email": "ada@example.com"}, "$set_once": {"first": "a"}}),
            event("upgraded", **{"$set": {"plan": "big"}, "$set_once": {"first": "b", "source": None}}),
            event("moved", **{"$set": {"city": "Turin", "street": "Via Po"}, "$set_once": {"source": "ad"}, "$unset": ["street", "email"]}),
        ]
    )

    assert properties_of(stack, "ada") == {"plan": "big", "first": "a", "source": "ad", "city": "Turin"}


def test_batches_build_on_one_another(stack: Stack) -> None:
    stack.capture([event("signed up", **{"$set": {"plan": "small"}, "$set_once": {"first": 1}})])
    stack.capture([event("looked")])
    stack.capture([event("upgraded", **{"$set": {"plan": "big"}, "$set_once": {"first": 2}})])

    assert properties_of(stack, "ada") == {"plan": "big", "first": 1}


def test_an_event_sent_again_changes_nothing(stack: Stack) -> None:
    again = event("upgraded", **{"$set": {"plan": "big"}}) | {"uuid": "0193a1b2-0000-7000-8000-000000000001"}

    stack.capture([again])
    stack.capture([event("downgraded", **{"$set": {"plan": "small"}})])
    stack.capture([again])

    assert properties_of(stack, "ada") == {"plan": "small"}


def test_some_events_have_a_person_but_never_change_it(stack: Stack) -> None:
    stack.capture([event("$exception", "ada", **{"$set": {"a": 1}}), event("$$heatmap", "bob", **{"$set": {"a": 1}})])

    assert (properties_of(stack, "ada"), properties_of(stack, "bob")) == ({}, {})


def test_personless_events_make_no_person(stack: Stack) -> None:
    stack.capture([event("looked", **{"$process_person_profile": False, "$set": {"a": 1}})])

    store = stack.context().require(PersonStore)
    assert store.person_of(stack.project.id, "ada") == UUID(str(stack.events()[0]["person_id"]))
    assert properties_of(stack, "ada") is None
    assert stack.query(Select(columns=[Field("id")], source=Table("persons"))) == []


def test_a_person_begins_with_its_first_event_that_wants_one(stack: Stack) -> None:
    stack.capture(
        [
            event("looked", **{"$process_person_profile": False}) | {"timestamp": "2026-01-01T00:00:00Z"},
            event("signed up", **{"$set": {"a": 1}}) | {"timestamp": "2026-01-02T03:04:05.678901Z"},
            event("looked", **{"$process_person_profile": False, "$set": {"a": 2}}),
        ]
    )

    select = Select(columns=[Field("created_at"), Field("properties"), Field("is_identified")], source=Table("persons"))
    assert stack.query(select) == [("2026-01-02 03:04:05.678901", '{"a":1}', False)]


def test_the_event_store_holds_what_the_metadata_database_holds(stack: Stack) -> None:
    for change in ({"$set": {"n": 1}}, {"$set": {"n": 2, "é": {"deep": [1.5, None]}}}, {"$unset": {"n": 0}}):
        stack.capture([event("looked", who, **change) for who in ("ada", "bob", 'q"\\')])  # type: ignore[arg-type]

    columns = [Field(name) for name in ("id", "created_at", "properties", "is_identified")]
    copies = stack.query(Select(columns=columns, source=Table("persons"), order_by=[Order(Field("created_at"))]))
    sql = "SELECT id, created_at, properties, is_identified FROM persons_person WHERE version = 3"
    rows = stack.context().require(Database).fetch(sql, types=[UUID, str, dict, bool])
    assert {(id_, moment, repr(msgspec.json.decode(str(said))), known) for id_, moment, said, known in copies} == {
        (str(id_), moment, repr(said), known) for id_, moment, said, known in rows
    }
    assert len(copies) == 3
    names = [Field("distinct_id"), Field("person_id")]
    assert sorted(stack.query(Select(columns=names, source=Table("person_distinct_ids")))) == [
        (name, person_uuid(stack.project.id, name)) for name in ("ada", "bob", 'q"\\')
    ]


def test_a_property_of_persons_can_be_asked_for(stack: Stack) -> None:
    stack.capture([event("looked", who, **{"$set": {"plan": plan}}) for who, plan in (("ada", "big"), ("bob", "small"))])  # type: ignore[arg-type]

    plan = Field("properties", "plan")
    assert stack.query(Select(columns=[plan], source=Table("persons"), order_by=[Order(plan)])) == [("big",), ("small",)]


def test_what_the_store_says_of_somebody_unknown(stack: Stack) -> None:
    store = stack.context().require(PersonStore)

    assert store.person_of(stack.project.id, "nobody") == UUID(person_uuid(stack.project.id, "nobody"))
    assert store.properties_of(stack.project.id, UUID(int=7)) is None


def test_migrations_say_what_the_models_say(stack: Stack) -> None:
    from django.core.management import call_command

    stack.get("/")  # makes Django ready

    call_command("makemigrations", "persons", check=True, dry_run=True, verbosity=0)


def test_persons_outlive_the_plugin_being_switched_off(tmp_path: Path) -> None:
    def migrate(**environment: str) -> None:
        program = [sys.executable, "-m", "jackfield.cli.main", "migrate"]
        subprocess.run(program, check=True, capture_output=True, env={**os.environ, "JACKFIELD_DATA_DIR": str(tmp_path), **environment})

    migrate()
    with sqlite3.connect(tmp_path / "jackfield.db") as database:
        database.execute("INSERT INTO persons_person VALUES ('a', 1, '2026-01-01 00:00:00', '{}', 0, 1)")
    migrate(JACKFIELD_PLUGINS_DISABLED="persons")

    assert database.execute("SELECT count(*) FROM persons_person").fetchone() == (1,)
    database.close()
