"""A stack with this plugin, batches as decoders make them, and a sink whose surroundings a test can watch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from jackfield_sdk import JsonObject
from jackfield_sdk.batch import EventBatch

MakeBatch = Callable[..., EventBatch]


@pytest.fixture
def jackfield_plugins() -> Sequence[str]:
    return ("persons",)


@pytest.fixture(scope="session")
def batch_of() -> MakeBatch:
    """Make a batch of events: `(event, distinct_id, properties)`; properties may be JSON text already."""

    def make(*events: tuple[str, str, JsonObject | bytes], projects: Sequence[int] | None = None) -> EventBatch:
        rows = len(events)
        return EventBatch.build(
            project_id=[1] * rows if projects is None else projects,
            uuid=[f"0193a1b2-0000-7000-8000-{row:012x}" for row in range(rows)],
            event=[name for name, _, _ in events],
            distinct_id=[distinct_id for _, distinct_id, _ in events],
            timestamp=[1_767_323_045_678_901 + row for row in range(rows)],
            created_at=[1_767_323_050_000_000] * rows,
            properties=[said if isinstance(said, bytes) else msgspec.json.encode(said) for _, _, said in events],
        )

    return make


class RecordedTables:
    """A `TableWriter` that keeps what it is given, once per table and token, and fails when told to."""

    def __init__(self) -> None:
        self.inserts: list[tuple[str, Mapping[str, Sequence[Any]], str]] = []
        self.failure: Exception | None = None

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]], *, token: str) -> None:
        if self.failure is not None:
            raise self.failure
        if (table, token) not in {(known, earlier) for known, _, earlier in self.inserts}:
            self.inserts.append((table, columns, token))

    def latest(self) -> dict[str, tuple[int, JsonObject]]:
        """Return version and properties of each person as ReplacingMergeTree keeps them."""
        found: dict[str, tuple[int, JsonObject]] = {}
        for table, columns, _ in self.inserts:
            if table == "persons_person":
                for person, version, properties in zip(columns["id"], columns["version"], columns["properties"], strict=True):
                    if version >= found.get(person, (0, {}))[0]:
                        found[person] = (version, msgspec.json.decode(properties))
        return found


@pytest.fixture
def tables() -> RecordedTables:
    return RecordedTables()
