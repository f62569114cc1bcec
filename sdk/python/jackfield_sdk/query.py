"""Questions: kinds of queries, and the virtual tables they are asked of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from jackfield_sdk import ast
from jackfield_sdk.jsontypes import Json, JsonObject

P = TypeVar("P")

FieldType: TypeAlias = Literal["string", "integer", "float", "boolean", "datetime", "uuid", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryContext:
    """For whom and when a query is compiled."""

    project_id: int
    timezone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The answer of the store.

    Args:
        columns: names, in the order of the select.
        rows: one list per row; times come as ISO text in UTC.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Json]]
    rows_read: int = 0
    elapsed_milliseconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryKind(Generic[P]):
    """A kind of question.

    Args:
        name: unique among all plugins.
        parse: raises `Refused` when the parameters make no sense.
        compile: builds the query; it can reach no other project, because the AST cannot say so.
        shape: turns rows into the answer.
    """

    name: str
    parse: Callable[[JsonObject], P]
    compile: Callable[[P, QueryContext], ast.Select]
    shape: Callable[[P, QueryContext, Rows], JsonObject]


class Queries(Protocol):
    """Service of core: asks a question of a kind."""

    def ask(self, kind: str, project_id: int, parameters: JsonObject) -> JsonObject:
        """Run parse, compile, rewrite, resolve, guard, print, run and shape.

        Raises:
            Refused: no such kind, bad parameters, or a limit was hit.
            Retryable: the store is busy or starting.
        """
        ...

    def select(self, project_id: int, query: ast.Select) -> Rows:
        """Run a query of the project; errors as for `ask`."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A field that is a column of the physical table, under the same name unless told otherwise."""

    name: str


@dataclass(frozen=True, slots=True)
class Properties:
    """A field that holds a JSON object as text in a column; `Field("properties", "plan")` reads below it."""

    column: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A field computed from other fields of the same table."""

    expression: ast.Expression


FieldSource: TypeAlias = Column | Properties | Derived


@dataclass(frozen=True, slots=True)
class TableField:
    """A field of a virtual table."""

    type: FieldType
    source: FieldSource
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualTable:
    """A table that queries may name.

    Args:
        source: the name of a project-scoped table of the event store that the plugin created, or a query over another virtual table.
        latest_only: of a ReplacingMergeTree: read only the newest version of each row.
    """

    name: str
    source: "str | ast.Select"
    fields: Mapping[str, TableField]
    description: str = ""
    latest_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualField:
    """A field that a plugin adds to somebody's virtual table.

    Args:
        replaces: take the place of the table's own field of this name. At most one plugin may.
    """

    table: str
    name: str
    field: TableField
    replaces: bool = False


class EventStore(Protocol):
    """The event store as core reads it: printed SQL in, rows out. Plugins use `Queries`."""

    def query(self, sql: str, parameters: Mapping[str, str], *, limits: "QueryLimits | None" = None, query_id: str | None = None) -> Rows:
        """Run one read-only statement.

        Args:
            parameters: values already encoded as the store expects them.

        Raises:
            Refused: the store does not accept the query, or a limit was hit.
            Retryable: the store is busy, starting or gone.
        """
        ...

    def cancel(self, query_id: str) -> None:
        """End a running query; no error when it is over already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """Bounds of one query."""

    seconds: float = 60.0
    memory_bytes: int = 2_000_000_000
    rows_to_read: int = 0
    result_rows: int = 100_000
    result_bytes: int = 64 * 1024 * 1024
