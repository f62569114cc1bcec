"""Services: what plugins ask the host or one another for, by type."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

from jackfield_sdk.capture import CaptureRequest, Reply
from jackfield_sdk.jsontypes import Json, JsonObject

if TYPE_CHECKING:
    from jackfield_sdk.context import Context

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Generic[T]):
    """A service that a plugin provides.

    Args:
        protocol: the type by which others ask for it.
        build: runs once per process, when it is first asked for.
    """

    protocol: type[T]
    build: "Callable[[Context], T]"


# -- metadata database -----------------------------------------------------------------------------------------------

SqlValue: TypeAlias = bool | int | float | str | bytes | datetime | UUID | JsonObject | list[Json] | None
Row: TypeAlias = tuple[SqlValue, ...]


class Transaction(Protocol):
    """Statements that happen together or not at all."""

    def fetch(self, sql: str, parameters: Sequence[SqlValue] = (), *, types: Sequence[type] = ()) -> list[Row]:
        """Run a statement and return its rows.

        Args:
            sql: plain SQL that SQLite and PostgreSQL both know; `?` marks a parameter.
            types: Python type of each column (`UUID`, `datetime`, `bool`, `dict`); what the driver gives where left out.
        """
        ...

    def execute(self, sql: str, parameters: Sequence[SqlValue] = ()) -> int:
        """Run a statement and return how many rows it touched."""
        ...

    def upsert_many(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[SqlValue]], *, key: Sequence[str], update: Sequence[str]
    ) -> None:
        """Insert rows; where the key exists already, update the named columns (none: leave the row as it is)."""
        ...


class Database(Transaction, Protocol):
    """The metadata database as engine and hot routes see it: the tables of Django's models, without Django.

    Values are written as the ORM writes them, so a row written here reads equal there, and the other way round.
    Each statement outside `transaction` commits at once. Safe to share between threads.
    """

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a write transaction. Keep it short: on SQLite it holds up every other writer.

        Raises:
            Retryable: another writer did not finish within five seconds.
        """
        ...


# -- between processes -----------------------------------------------------------------------------------------------


class Bus(Protocol):
    """Small messages to every process: within a second, may be lost, never waited for."""

    def publish(self, topic: str, message: JsonObject) -> None:
        """Send a message and raise the topic's generation."""
        ...

    def subscribe(self, topic: str) -> AbstractContextManager[Iterator[JsonObject]]:
        """Receive what is published from now on."""
        ...

    def generation(self, topic: str) -> int:
        """Count what was ever published on the topic: who missed a message sees it here."""
        ...


class Locks(Protocol):
    """Named leases, so that only one process does a thing."""

    def hold(self, name: str, *, seconds: float = 30.0) -> AbstractContextManager[bool]:
        """Try to take a lease; the value tells whether it was taken. It is renewed while held and ends by itself if the process dies."""
        ...


class Blobs(Protocol):
    """Files by key: recordings, modules, exports."""

    def put(self, key: str, data: bytes) -> None:
        """Write a blob whole or not at all."""
        ...

    def get(self, key: str) -> bytes:
        """Read a blob.

        Raises:
            KeyError: there is none.
        """
        ...

    def delete(self, key: str) -> None:
        """Delete a blob; no error when there is none."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """List keys in order."""
        ...


# -- projects --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """What hot paths know of a project."""

    id: int
    token: str
    name: str
    timezone: str


class Projects(Protocol):
    """Looks projects up, from memory; a new or changed project is seen within a second."""

    def by_token(self, token: str) -> ProjectInfo | None:
        """Return the project of a token."""
        ...

    def by_id(self, project_id: int) -> ProjectInfo | None:
        """Return a project."""
        ...


# -- work ------------------------------------------------------------------------------------------------------------


class Jobs(Protocol):
    """The queue of background work."""

    def enqueue(
        self, job: str, arguments: JsonObject, *, project_id: int | None = None, key: str | None = None, run_at: datetime | None = None
    ) -> str:
        """Put work into the queue.

        Args:
            job: `<plugin>.<name>` of a contributed job.
            key: idempotency key: while work with this key waits or runs, no second is queued.

        Returns:
            The id of the work, new or already there.

        Raises:
            Refused: no such job.
        """
        ...


# -- services that may be absent -------------------------------------------------------------------------------------


class FlagEvaluator(Protocol):
    """Decides feature flags. Provided by a flags plugin; whoever owns a wire path for flags asks for it."""

    def evaluate(self, project: ProjectInfo, request: Mapping[str, Json], sender: CaptureRequest) -> JsonObject:
        """Return flag records by key, for one person.

        Raises:
            Refused: the request lacks something.
        """
        ...


class ReplaySink(Protocol):
    """Takes session recordings. Provided by a replay plugin."""

    def accept(self, project: ProjectInfo, request: CaptureRequest) -> Reply:
        """Store the snapshots of a request."""
        ...


class PersonStore(Protocol):
    """Knows who is behind a distinct_id."""

    def person_of(self, project_id: int, distinct_id: str) -> UUID:
        """Return the person; for an id never seen, the one that it will be."""
        ...

    def properties_of(self, project_id: int, person_id: UUID) -> JsonObject | None:
        """Return a person's properties, None when there is no such person."""
        ...
