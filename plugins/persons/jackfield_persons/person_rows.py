"""Persons in the metadata database, where the truth of them lies. Reads and writes many at once, without Django; `models` has the tables' shape."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from jackfield_sdk import Database, Json, JsonObject
from jackfield_sdk.identity import person_uuid
from jackfield_sdk.services import SqlValue

IDS_PER_STATEMENT: Final = 5_000
"""SQLite takes 32,766 parameters, PostgreSQL 65,535; with so many persons their properties are some megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person as it is stored.

    Args:
        version: 1 at first, one more with each change; of the copies in the event store the highest counts.
    """

    id: str
    project_id: int
    created_at: datetime
    properties: JsonObject
    is_identified: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDistinctId:
    """A distinct_id that was not seen before, and the person that it stands for by itself; that person's id becomes its own as well."""

    project_id: int
    distinct_id: str
    person_id: str


class PersonRows:
    """The two tables. Implements the SDK's `PersonStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def existing(self, ids: Iterable[str]) -> set[str]:
        """Return those ids that persons have."""
        found: set[str] = set()
        for marks, values in _chunks(ids):
            rows = self._database.fetch(f"SELECT id FROM persons_person WHERE id IN ({marks})", values, types=[UUID])  # noqa: S608 - question marks
            found.update(str(person) for (person,) in rows)
        return found

    def load(self, ids: Iterable[str]) -> Iterator[PersonRow]:
        """Read persons whole, without those that there are not."""
        for marks, values in _chunks(ids):
            sql = f"SELECT id, project_id, created_at, properties, is_identified, version FROM persons_person WHERE id IN ({marks})"  # noqa: S608
            rows = self._database.fetch(sql, values, types=[UUID, int, datetime, dict, bool, int])
            for person, project_id, created_at, properties, is_identified, version in rows:
                yield PersonRow(
                    id=str(person),
                    project_id=cast("int", project_id),
                    created_at=cast("datetime", created_at),
                    properties=cast("JsonObject", properties),
                    is_identified=cast("bool", is_identified),
                    version=cast("int", version),
                )

    def save(self, persons: Sequence[PersonRow], distinct_ids: Sequence[NewDistinctId]) -> None:
        """Write new and changed persons, and the distinct_ids of the new ones, all or nothing."""
        columns = ("id", "project_id", "created_at", "properties", "is_identified", "version")
        ids = {row.id: UUID(row.id) for row in persons}
        rows: list[tuple[SqlValue, ...]] = [
            (ids[row.id], row.project_id, row.created_at, row.properties, row.is_identified, row.version) for row in persons
        ]
        id_columns = ("id", "project_id", "distinct_id", "person_id")
        id_rows: list[tuple[SqlValue, ...]] = [(ids[row.person_id], row.project_id, row.distinct_id, ids[row.person_id]) for row in distinct_ids]
        with self._database.transaction() as transaction:
            transaction.upsert_many("persons_person", columns, rows, key=["id"], update=["properties", "version"])
            if id_rows:
                transaction.upsert_many("persons_distinctid", id_columns, id_rows, key=["id"], update=[])

    def person_of(self, project_id: int, distinct_id: str) -> UUID:
        """See `PersonStore.person_of`."""
        derived = UUID(person_uuid(project_id, distinct_id))
        rows = self._database.fetch("SELECT person_id FROM persons_distinctid WHERE id = ?", [derived], types=[UUID])
        return cast("UUID", rows[0][0]) if rows else derived

    def properties_of(self, project_id: int, person_id: UUID) -> JsonObject | None:
        """See `PersonStore.properties_of`."""
        sql = "SELECT properties FROM persons_person WHERE id = ? AND project_id = ?"
        rows = self._database.fetch(sql, [person_id, project_id], types=[dict])
        return cast("dict[str, Json]", rows[0][0]) if rows else None


def _chunks(ids: Iterable[str]) -> Iterator[tuple[str, list[UUID]]]:
    values = [UUID(one) for one in ids]
    for start in range(0, len(values), IDS_PER_STATEMENT):
        chunk = values[start : start + IDS_PER_STATEMENT]
        yield ", ".join("?" * len(chunk)), chunk
