"""What the printer makes of each node, and that no physical table stands outside a guard."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jackfield.query.catalog import EVENTS, Catalog
from jackfield.query.printer import MAX_NODES, print_query
from jackfield_sdk import Refused, VirtualTable
from jackfield_sdk.ast import Alias, And, Call, Compare, Expression, Field, In, Literal, Not, Or, Order, Select, Table
from jackfield_sdk.query import Column, Derived, TableField
from jackfield_sdk.testing import Stack, event

RECENT = VirtualTable(
    name="recent",
    source=Select(columns=[Field("uuid"), Field("event")], source=Table("events"), limit=5),
    fields={
        "uuid": TableField("uuid", Column("uuid")),
        "shout": TableField("string", Derived(Call("upper", (Field("event"),)))),
        "event": TableField("string", Column("event")),
    },
)
CATALOG = Catalog({"events": EVENTS, "recent": RECENT}, frozenset({"$browser"}))


def sql(query: Select, project_id: int = 7) -> str:
    return print_query(query, CATALOG, project_id=project_id).sql


def where(condition: Expression) -> str:
    printed = print_query(Select(columns=[Field("uuid")], source=Table("events"), where=condition), CATALOG, project_id=7)
    return printed.sql.partition(" AS t1 WHERE ")[2]


def test_a_table_is_printed_as_a_guarded_subquery_of_the_columns_in_use() -> None:
    assert sql(Select(columns=[Alias(Call("count"), "n")], source=Table("events"), where=Compare(Field("event"), "=", Literal("x")))) == (
        "SELECT count() AS `n` FROM (SELECT `event` FROM jackfield.`events` WHERE team_id = 7) AS t1 WHERE equals(t1.`event`, {p0:String})"
    )


@pytest.mark.parametrize(
    ("node", "printed"),
    [
        (Compare(Field("event"), "!=", Literal("x")), "notEquals(t1.`event`, {p0:String})"),
        (
            Compare(Field("properties", "plan"), "=", Literal("x")),
            "ifNull(equals(JSONExtract(t1.`properties`, {p0:String}, 'Nullable(String)'), {p1:String}), 0)",
        ),
        (
            Compare(Field("properties", "$browser"), "!=", Literal("x")),
            "ifNull(notEquals(t1.`p_$browser`, {p0:String}), xor(isNull(t1.`p_$browser`), isNull({p0:String})))",
        ),
        (And(()), "1"),
        (Or(()), "0"),
        (Or((Literal(True), Not(Literal(False)))), "(true OR not(false))"),
        (In(Field("event"), (Literal("a"), Literal("b"))), "in(t1.`event`, ({p0:String}, {p1:String}))"),
        (In(Field("event"), ()), "0"),
        (
            Compare(Field("timestamp"), ">=", Literal(datetime(2026, 1, 1, tzinfo=UTC))),
            "greaterOrEquals(t1.`timestamp`, toDateTime64({p0:String}, 6, 'UTC'))",
        ),
        (Compare(Literal(1), "<", Literal(2.5)), "less({p0:Int64}, {p1:Float64})"),
        (Compare(Field("uuid"), "=", Literal(UUID(int=1))), "equals(t1.`uuid`, {p0:UUID})"),
        (
            Compare(Call("quantile", (Field("created_at"),), (Literal(0.9),)), ">", Literal(None)),
            "ifNull(greater(quantile(0.9)(t1.`created_at`), NULL), 0)",
        ),
    ],
)
def test_each_node_prints_as_written_here(node: Expression, printed: str) -> None:
    assert where(node) == printed


def test_an_inner_select_carries_its_own_guard() -> None:
    inner = Select(columns=[Field("distinct_id"), Alias(Call("count"), "n")], source=Table("events"), group_by=[Field("distinct_id")])

    assert sql(
        Select(columns=[Alias(Call("max", (Field("n"),)), "most")], source=inner, order_by=[Order(Field("most"), "desc")], limit=1, offset=2)
    ) == (
        "SELECT max(t1.`n`) AS `most` FROM (SELECT t2.`distinct_id` AS `distinct_id`, count() AS `n` FROM "
        "(SELECT `distinct_id` FROM jackfield.`events` WHERE team_id = 7) AS t2 GROUP BY t2.`distinct_id`) AS t1 "
        "ORDER BY `most` DESC LIMIT 1 OFFSET 2"
    )


def test_a_table_over_a_query_reads_through_that_querys_guard() -> None:
    assert sql(Select(columns=[Field("shout")], source=Table("recent"))) == (
        "SELECT upper(t1.`event`) AS `shout` FROM (SELECT t2.`uuid` AS `uuid`, t2.`event` AS `event` FROM "
        "(SELECT `uuid`, `event` FROM jackfield.`events` WHERE team_id = 7) AS t2 LIMIT 5 OFFSET 0) AS t1"
    )


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (Select(columns=[Field("uuid")], source=Table("persons")), "no table 'persons'"),
        (Select(columns=[Field("password")], source=Table("events")), "no field 'password'"),
        (Select(columns=[Field("event", "below")], source=Table("events")), "nothing below"),
        (Select(columns=[Alias(Call("file", (Literal("/etc/passwd"),)), "x")], source=Table("events")), "no function 'file'"),
        (Select(columns=[Alias(Call("upper"), "x")], source=Table("events")), "takes 1"),
        (Select(columns=[Call("count")], source=Table("events")), "needs a name"),
        (Select(columns=[Alias(Call("count"), "n"), Alias(Call("count"), "n")], source=Table("events")), "Two selected columns"),
        (Select(columns=[], source=Table("events")), "at least one"),
        (Select(columns=[Field("uuid")], source=Table("events"), where=Literal(datetime(2026, 1, 1))), "zone"),
        (Select(columns=[Field("uuid")], source=Table("events"), where=And((Literal(True),) * MAX_NODES)), "more than"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(query: Select, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        sql(query)


@given(names=st.lists(st.text(min_size=1), min_size=1, max_size=3), value=st.text())
def test_texts_never_become_part_of_the_statement(names: Sequence[str], value: str) -> None:
    def statement(names: Sequence[str], value: str) -> str:
        return sql(Select(columns=[Field("uuid")], source=Table("events"), where=Compare(Field("properties", *names), "=", Literal(value))))

    assume(list(names) != ["$browser"])

    assert statement(names, value) == statement(["k"] * len(names), "v")


HOSTILE = ["it's", 'say "x"', "back\\slash", "tab\tnew\nline\0nul", "`tick`", "{p0:String}", "'; DROP TABLE events; --", "é✓", "\\N", "null"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_come_back_unharmed(stack: Stack, text: str) -> None:
    stack.capture([event("a", **{text: text}), event("b")])

    found = stack.query(Select(columns=[Field("event")], source=Table("events"), where=Compare(Field("properties", text), "=", Literal(text))))

    assert found == [("a",)]


def test_a_null_is_unequal_to_every_value_and_equal_to_none(stack: Stack) -> None:
    stack.capture([event("with", plan="big"), event("without")])

    def names(condition: Expression) -> list[object]:
        return sorted(str(row[0]) for row in stack.query(Select(columns=[Field("event")], source=Table("events"), where=condition)))

    assert names(Compare(Field("properties", "plan"), "!=", Literal("big"))) == ["without"]
    assert names(Compare(Field("properties", "plan"), "=", Literal("big"))) == ["with"]
    assert names(Compare(Field("properties", "plan"), "!=", Literal(None))) == ["with"]
    assert names(Not(Compare(Field("properties", "plan"), "=", Literal("big")))) == ["without"]


def test_a_day_in_a_zone_reads_only_its_part_of_the_sort_key(stack: Stack) -> None:
    stack.capture([{**event("x"), "timestamp": f"2026-01-{day:02}T12:00:00Z"} for day in range(1, 29)])
    start, end = datetime(2026, 1, 9, 11, tzinfo=UTC), datetime(2026, 1, 10, 11, tzinfo=UTC)  # a day in Auckland
    condition = And((Compare(Field("timestamp"), ">=", Literal(start)), Compare(Field("timestamp"), "<", Literal(end))))

    found = stack.query(
        Select(columns=[Alias(Call("toDate", (Field("timestamp"), Literal("Pacific/Auckland"))), "day")], source=Table("events"), where=condition)
    )

    assert found == [("2026-01-10",)]


def test_a_time_before_all_times_is_refused() -> None:
    before = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))

    with pytest.raises(Refused, match="within the years 1 to 9999"):
        where(Compare(Field("created_at"), ">", Literal(before)))


def test_the_first_year_is_written_with_four_digits() -> None:
    query = Select(columns=[Field("uuid")], source=Table("events"), where=Compare(Field("created_at"), ">", Literal(datetime(1, 1, 1, tzinfo=UTC))))

    assert print_query(query, CATALOG, project_id=7).parameters == {"p0": "0001-01-01 00:00:00.000000"}
