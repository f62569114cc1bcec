"""The guestbook as others read it: a service, so that who asks needs neither our settings nor our tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jackfield_sdk import Context, Queries
from jackfield_sdk.ast import Compare, Expression, Field, Literal, Order, Select, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a guest wrote. `place` orders entries, the newest being the greatest."""

    project_id: int
    uuid: str
    place: str
    signed_at: str
    guest_name: str
    message: str
    pseudonym: str


class Guestbook(Protocol):
    """Reads a project's guestbook. A plugin that others build on would keep this Protocol in the SDK."""

    def welcome(self, project_id: int) -> str:
        """Return what stands above the form."""
        ...

    def entries(self, project_id: int, *, limit: int, before: str | None = None) -> Sequence[Entry]:
        """Return entries, the newest first.

        Args:
            before: place of the last entry that is known already.
        """
        ...


def open_guestbook(context: Context) -> Guestbook:
    """Build the service."""
    return StoredGuestbook(context)


class StoredGuestbook:
    """Implements `Guestbook` on the event store."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._queries = context.require(Queries)

    def welcome(self, project_id: int) -> str:
        """See `Guestbook.welcome`."""
        return str(self._context.project_settings(project_id)["welcome"])

    def entries(self, project_id: int, *, limit: int, before: str | None = None) -> Sequence[Entry]:
        """See `Guestbook.entries`."""
        names = ("uuid", "place", "signed_at", "guest_name", "message", "pseudonym")
        older: Expression | None = None if before is None else Compare(Field("place"), "<", Literal(before))
        query = Select(
            columns=[Field(name) for name in names],
            source=Table("guestbook"),
            where=older,
            order_by=[Order(Field("place"), "desc")],
            limit=limit,
        )
        rows = self._queries.select(project_id, query).rows
        return [Entry(project_id=project_id, **{name: str(value) for name, value in zip(names, row, strict=True)}) for row in rows]
