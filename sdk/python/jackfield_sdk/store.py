"""What plugins keep: tables of the event store, what is written to them, and who is told afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from jackfield_sdk.jsontypes import JsonObject

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch, Mask
    from jackfield_sdk.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickHouseTable:
    """A table that a step creates. Its full name is `<plugin>_<noun>`.

    Args:
        scope: "project" tables have a column `team_id Int64`, by which the printer guards every read; "global" ones hold nobody's data.
    """

    name: str
    scope: Literal["project", "global"] = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickHouseStep:
    """A numbered, forward-only change of the plugin's tables.

    Args:
        number: from 1, without gaps. An applied step never changes again: its checksum is kept.
        statements: DDL, each idempotent (`IF NOT EXISTS`), since ClickHouse has no transactions for it. `{database}` is replaced.
        tables: what the statements create.
    """

    number: int
    name: str
    statements: Sequence[str]
    tables: Sequence[ClickHouseTable] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotedProperty:
    """A property of events that is a column from the start.

    Args:
        kind: "low_cardinality" up to about ten thousand values, else "text".
    """

    name: str
    kind: Literal["low_cardinality", "text"] = "low_cardinality"


class TableWriter(Protocol):
    """Service of the engine: inserts columns into a plugin's table of the event store."""

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]], *, token: str) -> None:
        """Insert rows, exactly once per token and table.

        Args:
            table: full name; must be one of the plugin's own.
            columns: a sequence per column; integers for times are microseconds since 1970.
            token: the batch token that `write` was given.

        Raises:
            Refused: a value does not fit its column; nothing was written.
            Retryable: the store is busy or out of space.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """Writes every batch of a lane somewhere, before the batch counts as done.

    `build(context)` runs once per worker and returns `write(batch, token)`. A batch may come again after a crash: with the same token
    and the same events, so `write` must have the same effect twice as once.
    """

    name: str
    build: "Callable[[Context], Callable[[EventBatch, str], None]]"
    lane: str = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event in the outbox: `uuid`, `event`, `distinct_id`, `timestamp` (microseconds since 1970, UTC), `properties`, `person_id`."""

    project_id: int
    event: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Is told of events after they were stored, at least once, in the jobs process, without ever delaying ingestion.

    Args:
        filter: built once per engine; tells which rows of a batch to keep in the outbox.
        deliver: built once per jobs process; gets up to `max_batch` events. Raising `Retryable` or anything else tries them again
            with back-off; after `max_attempts` they go to the dead letter.
    """

    name: str
    filter: "Callable[[Context], Callable[[EventBatch], Mask]]"
    deliver: "Callable[[Context], Callable[[Sequence[Delivery]], None]]"
    lane: str = "events"
    max_batch: int = 100
    max_attempts: int = 8
