"""Stored events in the API."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from jackfield_sdk import Json, ProjectInfo, Queries, Refused, ast
from jackfield_sdk.graphql import ConnectionPage, Field, Info, JsonValue, String, Type, after_key, connection, extend, page_of

COLUMNS = ("uuid", "event", "distinct_id", "person_id", "timestamp", "created_at", "properties")

EventRow = Mapping[str, Json]

# ClickHouse orders UUIDs by their second half first; as texts they have the one order that a cursor can name.
_UUID_TEXT = ast.Call("toString", (ast.Field("uuid"),))


def build() -> Sequence[object]:
    """Return the part."""
    return [extend("Project", ProjectFields)]


class Event(Type):
    """What happened."""

    class Meta:
        permission = "core.event.view"

    uuid = Field(String, description="Its id; sending an event with the same id again changes nothing.")
    event = Field(String, description="Its name.")
    distinct_id = Field(String, description="Who did it, as the sender calls them.")
    person_id = Field(String, description="The person behind the distinct_id.")
    timestamp = Field(String, description="When it happened: ISO 8601, UTC.")
    created_at = Field(String, description="When it was received: ISO 8601, UTC.")
    properties = Field(JsonValue, description="What else is known of it.")

    @staticmethod
    def resolve_timestamp(event: EventRow, _info: Info) -> str:
        return _iso(event["timestamp"])

    @staticmethod
    def resolve_created_at(event: EventRow, _info: Info) -> str:
        return _iso(event["created_at"])

    @staticmethod
    def resolve_properties(event: EventRow, _info: Info) -> Json:
        properties: Json = json.loads(str(event["properties"]))
        return properties


class ProjectFields:
    """What core adds to `Project` for events."""

    events = connection(
        Event,
        description="Stored events, the newest first.",
        permission="core.event.view",
        event=String(description="Only events of this name."),
        received_after=String(description="Only events received at or after this time (ISO 8601)."),
    )

    @staticmethod
    def resolve_events(
        project: ProjectInfo, info: Info, first: int, after: str | None = None, event: str | None = None, received_after: str | None = None
    ) -> ConnectionPage[EventRow]:
        conditions: list[ast.Expression] = []
        if event is not None:
            conditions.append(ast.Compare(ast.Field("event"), "=", ast.Literal(event)))
        if received_after is not None:
            conditions.append(ast.Compare(ast.Field("created_at"), ">=", ast.Literal(_time(received_after, "receivedAfter"))))
        key = after_key(after)
        if key is not None:
            conditions.append(_older_than(key))
        query = ast.Select(
            columns=[ast.Field(name) for name in COLUMNS],
            source=ast.Table("events"),
            where=ast.And(tuple(conditions)),
            order_by=[ast.Order(ast.Field("timestamp"), "desc"), ast.Order(_UUID_TEXT, "desc")],
            limit=first + 1,
        )
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in info.context.require(Queries).select(project.id, query).rows]
        return page_of(rows, first, lambda row: f"{row['timestamp']}|{row['uuid']}")


def _older_than(key: str) -> ast.Expression:
    text, separator, uuid = key.partition("|")
    if not separator:
        raise Refused("This `after` is no cursor of events; give the `endCursor` of the page before.")
    moment = ast.Literal(_time(text, "after"))
    earlier = ast.Compare(ast.Field("timestamp"), "<", moment)
    same = ast.Compare(ast.Field("timestamp"), "=", moment)
    return ast.Or((earlier, ast.And((same, ast.Compare(_UUID_TEXT, "<", ast.Literal(uuid))))))


def _time(text: str, argument: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Refused(f"`{argument}` is {text!r}; write a time as 2026-01-31T12:00:00Z.") from problem
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _iso(stored: Json) -> str:
    return f"{str(stored).replace(' ', 'T')}Z"
