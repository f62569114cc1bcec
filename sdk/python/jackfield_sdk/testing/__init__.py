"""Tests of plugins on a real, temporary, embedded stack. The pytest fixture `stack` comes with the SDK; the host behind it with core."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from jackfield_sdk import ast
from jackfield_sdk.capture import Reply
from jackfield_sdk.context import Context, SettingValue
from jackfield_sdk.jsontypes import Json, JsonObject
from jackfield_sdk.meta import Role
from jackfield_sdk.services import ProjectInfo

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter: what could not be processed, by whose fault, and why."""

    plugin: str
    reason: str
    event: str
    uuid: str


class Stack(Protocol):
    """A whole Jackfield within the test: real log, real engine, real event store, real metadata database; empty at the start of each test.

    The host is built at the first use; until then plugins and contributions can be added.
    """

    @property
    def project(self) -> ProjectInfo:
        """The project that everything below is about."""
        ...

    def use(self, *plugins: str) -> None:
        """Add installed plugins, by name."""
        ...

    def add(self, *contributions: object) -> None:
        """Add contributions, as a plugin named "test" would."""
        ...

    def configure(self, **environment: str) -> None:
        """Set environment variables that settings are read from, for example `JACKFIELD_GEOIP_DATABASE="…"`."""
        ...

    def request(self, method: str, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None, client_ip: str = "127.0.0.1") -> Reply:
        """Send a request to a capture endpoint or hot route. What it stored is processed by `process`."""
        ...

    def capture(self, events: Sequence[JsonObject]) -> JsonObject:
        """Send events to `/v1/events` and process them; returns the answer."""
        ...

    def process(self) -> int:
        """Let the engine work until the log is empty; returns how many batches that took."""
        ...

    def deliver(self) -> None:
        """Let subscribers have what waits in the outbox."""
        ...

    def run_jobs(self) -> None:
        """Run queued work that is due until none is left."""
        ...

    def fire_schedules(self, at: datetime) -> None:
        """Queue what schedules make due from now until a time; `run_jobs` then runs it."""
        ...

    def set_project_settings(self, plugin: str, **values: SettingValue) -> None:
        """Set settings of scope "project", as the form does."""
        ...

    def query(self, query: ast.Select) -> list[tuple[Json, ...]]:
        """Ask a question of the project's tables."""
        ...

    def ask(self, kind: str, parameters: JsonObject) -> JsonObject:
        """Ask a question of a kind."""
        ...

    def events(self) -> list[JsonObject]:
        """Return all stored events of the project as dictionaries, in order of time, then uuid."""
        ...

    def columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table of the event store with their types; empty when there is no such table."""
        ...

    def graphql(self, query: str, variables: JsonObject | None = None, *, role: Role = "owner") -> JsonObject:
        """Ask the API as a member of the project; raises `AssertionError` when it answers with errors."""
        ...

    def get(self, path: str) -> Reply:
        """Fetch a page or file as the signed-in owner."""
        ...

    def dead_letters(self) -> list[Letter]:
        """Return what could not be processed, oldest first."""
        ...

    def dropped(self) -> dict[str, int]:
        """Count events that were dropped on purpose, by reason."""
        ...

    def context(self, plugin: str = "test") -> Context:
        """Return a plugin's context: its settings, and all services."""
        ...


class StackHome(Protocol):
    """What stays between tests: one event store and one metadata database, started once per test process."""

    def stack(self, plugins: Sequence[str]) -> Stack:
        """Empty everything and hand out a stack with the named plugins."""
        ...

    def release(self) -> None:
        """End what the last stack started."""
        ...

    def close(self) -> None:
        """Shut everything down."""
        ...


def event(name: str, distinct_id: str = "ada", **properties: Json) -> JsonObject:
    """Make an event for `Stack.capture`."""
    return {"event": name, "distinct_id": distinct_id, "properties": properties}
