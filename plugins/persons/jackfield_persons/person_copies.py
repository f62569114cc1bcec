"""The copy of persons in the event store, for queries to join. Written by the sink, read through the virtual tables."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from jackfield_persons.person_rows import NewDistinctId, PersonRow
from jackfield_persons.updates import canonical
from jackfield_sdk import ClickHouseStep, ClickHouseTable, Column, Properties, TableField, TableWriter, VirtualTable

# `is_deleted` is an argument of the engine, so that FINAL leaves deleted persons out and no reader has to think of them.
STEPS: Final = (
    ClickHouseStep(
        number=1,
        name="persons",
        tables=[ClickHouseTable(name="persons_person"), ClickHouseTable(name="persons_distinct_id")],
        statements=[
            """CREATE TABLE IF NOT EXISTS {database}.persons_person (
    team_id Int64,
    id UUID,
    created_at DateTime64(6, 'UTC'),
    properties String CODEC(ZSTD(1)),
    is_identified Bool,
    is_deleted UInt8 DEFAULT 0,
    version UInt64
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (team_id, id)
SETTINGS non_replicated_deduplication_window = 1000""",
            """CREATE TABLE IF NOT EXISTS {database}.persons_distinct_id (
    team_id Int64,
    distinct_id String CODEC(ZSTD(1)),
    person_id UUID,
    is_deleted UInt8 DEFAULT 0,
    version UInt64
) ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (team_id, distinct_id)
SETTINGS non_replicated_deduplication_window = 1000""",
        ],
    ),
)

TABLES: Final = (
    VirtualTable(
        name="persons",
        source="persons_person",
        latest_only=True,
        description="Who does things.",
        fields={
            "id": TableField("uuid", Column("id"), "Id of the person; `person_id` of events."),
            "created_at": TableField("datetime", Column("created_at"), "When its first event happened."),
            "properties": TableField("json", Properties("properties"), "What is known of it now."),
            "is_identified": TableField("boolean", Column("is_identified"), "Whether somebody said who it is."),
        },
    ),
    VirtualTable(
        name="person_distinct_ids",
        source="persons_distinct_id",
        latest_only=True,
        description="Which distinct_id belongs to whom.",
        fields={
            "distinct_id": TableField("string", Column("distinct_id"), "How a sender calls the person."),
            "person_id": TableField("uuid", Column("person_id"), "Id of the person."),
        },
    ),
)


def copy_persons(tables: TableWriter, persons: Sequence[PersonRow], distinct_ids: Sequence[NewDistinctId], token: str) -> None:
    """Insert what changed; the newest version counts, so doing it twice is as good as once."""
    if persons:
        columns: dict[str, Sequence[object]] = {
            "team_id": [row.project_id for row in persons],
            "id": [row.id for row in persons],
            "created_at": [microseconds(row.created_at) for row in persons],
            "properties": [canonical(row.properties) for row in persons],
            "is_identified": [row.is_identified for row in persons],
            "version": [row.version for row in persons],
        }
        tables.insert("persons_person", columns, token=token)
    if distinct_ids:
        columns = {
            "team_id": [row.project_id for row in distinct_ids],
            "distinct_id": [row.distinct_id for row in distinct_ids],
            "person_id": [row.person_id for row in distinct_ids],
            "version": [1] * len(distinct_ids),
        }
        tables.insert("persons_distinct_id", columns, token=token)


def microseconds(moment: datetime) -> int:
    """Return microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def storable_moment(microseconds_since_1970: int) -> datetime:
    """Return a moment as both stores can hold it: ClickHouse knows the years 1900 to 2299."""
    return EPOCH + timedelta(microseconds=min(max(microseconds_since_1970, _FIRST), _LAST))


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = microseconds(datetime(1900, 1, 1, tzinfo=UTC))
_LAST: Final = microseconds(datetime(2299, 12, 31, tzinfo=UTC))
