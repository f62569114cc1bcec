"""The query kind `analytics.trend`: events per day in the project's time zone. Builds a query and reads its rows, asks nothing itself."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jackfield_sdk import JsonObject, QueryContext, QueryKind, Refused, Rows
from jackfield_sdk.ast import Alias, And, Call, Compare, Expression, Field, Literal, Order, Select, Table

MAX_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendParameters:
    """What to count: events of one name, or all, over the last days, today included."""

    event: str | None
    days: int


def parse_trend(parameters: JsonObject) -> TrendParameters:
    """Read `{"event": text or null, "days": 1 to 366}`.

    Raises:
        Refused: a parameter is unknown, of the wrong type, or out of range.
    """
    unknown = sorted(set(parameters) - {"event", "days"})
    if unknown:
        raise Refused(f"A trend takes `event` and `days`, not {', '.join(unknown)}.")
    event, days = parameters.get("event"), parameters.get("days", 30)
    if event is not None and not isinstance(event, str):
        raise Refused("`event` must be the name of an event, or null for all.")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
        raise Refused(f"`days` must be a whole number from 1 to {MAX_DAYS}.")
    return TrendParameters(event=event, days=days)


def compile_trend(parameters: TrendParameters, context: QueryContext) -> Select:
    """Build the query: a range of bare timestamps, which the store can skip by, and a day for each event."""
    days = days_of(parameters, context)
    timestamp = Field("timestamp")
    day = Call("toDate", (timestamp, Literal(context.timezone.key)))
    conditions: list[Expression] = [
        Compare(timestamp, ">=", Literal(start_of_day(days[0], context.timezone))),
        Compare(timestamp, "<", Literal(start_of_day(days[-1] + timedelta(days=1), context.timezone))),
    ]
    if parameters.event is not None:
        conditions.append(Compare(Field("event"), "=", Literal(parameters.event)))
    return Select(
        columns=[Alias(day, "day"), Alias(Call("count"), "events")],
        source=Table("events"),
        where=And(tuple(conditions)),
        group_by=[day],
        order_by=[Order(day)],
    )


def shape_trend(parameters: TrendParameters, context: QueryContext, rows: Rows) -> JsonObject:
    """Lay the counts out day by day; days without events are 0."""
    counts = {str(day): float(str(events)) for day, events in rows.rows}
    buckets = [day.isoformat() for day in days_of(parameters, context)]
    values = [counts.get(bucket, 0.0) for bucket in buckets]
    return {
        "buckets": [*buckets],
        "series": [{"label": parameters.event or "All events", "values": [*values], "total": sum(values)}],
        "rows_read": rows.rows_read,
        "elapsed_milliseconds": rows.elapsed_milliseconds,
    }


def days_of(parameters: TrendParameters, context: QueryContext) -> list[date]:
    """List the days of a trend; the last is today, where the project is."""
    today = context.now.astimezone(context.timezone).date()
    return [today - timedelta(days=back) for back in reversed(range(parameters.days))]


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a day, in UTC. Where clocks skip midnight it is the moment of the change; where they repeat it, the first one."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


TREND: QueryKind[TrendParameters] = QueryKind(name="analytics.trend", parse=parse_trend, compile=compile_trend, shape=shape_trend)
