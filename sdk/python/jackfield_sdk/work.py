"""Background work: jobs and their schedules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jackfield_sdk.jsontypes import JsonObject

if TYPE_CHECKING:
    from jackfield_sdk.context import Context


class JobRun(Protocol):
    """One attempt at a piece of work."""

    @property
    def id(self) -> str: ...

    @property
    def arguments(self) -> JsonObject: ...

    @property
    def project_id(self) -> int | None: ...

    @property
    def attempt(self) -> int:
        """From 1."""
        ...

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far it is; renews the lease as well, so call it at least every ten seconds.

        Raises:
            Cancelled: somebody cancelled the work; let it pass through.
        """
        ...


class Cancelled(Exception):  # noqa: N818 - not an error
    """The work was cancelled while it ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A kind of work. It may run more than once for the same request: after a crash it starts again.

    Args:
        build: runs once per jobs process and returns the handler. An exception tries again with back-off, up to `max_attempts`.
    """

    name: str
    build: "Callable[[Context], Callable[[JobRun], None]]"
    max_attempts: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Queues a job again and again.

    Args:
        name: unique within the plugin.
        job: name of one of the plugin's own jobs.
        every_seconds: period; give this or `daily_at`.
        daily_at: "HH:MM" in `timezone`.
    """

    name: str
    job: str
    every_seconds: int | None = None
    daily_at: str | None = None
    timezone: str = "UTC"
