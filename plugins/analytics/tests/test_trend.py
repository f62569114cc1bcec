"""Trends: parameters, the query, and the days of a zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jackfield_analytics.trend import TREND, TrendParameters, compile_trend, days_of, parse_trend, shape_trend, start_of_day
from jackfield_sdk import QueryContext, Refused, Rows
from jackfield_sdk.ast import Alias, And, Call, Compare, Field, Literal, Order, Select, Table


def context(now: str, zone: str = "UTC") -> QueryContext:
    return QueryContext(project_id=1, timezone=ZoneInfo(zone), now=datetime.fromisoformat(now).replace(tzinfo=UTC))


def test_parameters_have_defaults() -> None:
    assert parse_trend({}) == TrendParameters(event=None, days=30)
    assert parse_trend({"event": "signed up", "days": 366}) == TrendParameters(event="signed up", days=366)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"days": "7"}, "days"),
        ({"days": True}, "days"),
        ({"days": 1.5}, "days"),
        ({"event": 1}, "event"),
        ({"dyas": 7}, "dyas"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters, named) -> None:
    with pytest.raises(Refused, match=named):
        parse_trend(parameters)


def test_the_query_names_a_bare_range_of_time_and_a_day_in_the_zone() -> None:
    query = compile_trend(TrendParameters(event="signed up", days=2), context("2026-03-02T12:00:00", "Asia/Tokyo"))

    day = Call("toDate", (Field("timestamp"), Literal("Asia/Tokyo")))
    assert query == Select(
        columns=[Alias(day, "day"), Alias(Call("count"), "events")],
        source=Table("events"),
        where=And(
            (
                Compare(Field("timestamp"), ">=", Literal(datetime(2026, 2, 28, 15, tzinfo=UTC))),
                Compare(Field("timestamp"), "<", Literal(datetime(2026, 3, 2, 15, tzinfo=UTC))),
                Compare(Field("event"), "=", Literal("signed up")),
            )
        ),
        group_by=[day],
        order_by=[Order(day)],
    )


def test_without_a_name_all_events_count() -> None:
    query = compile_trend(TrendParameters(event=None, days=1), context("2026-03-02T12:00:00"))

    assert isinstance(query.where, And)
    assert [condition.left for condition in query.where.operands if isinstance(condition, Compare)] == [Field("timestamp"), Field("timestamp")]


def test_days_without_events_are_zero() -> None:
    rows = Rows(columns=["day", "events"], rows=[["2026-03-01", 3], ["2026-03-03", "4"]], rows_read=7, elapsed_milliseconds=1.5)

    answer = shape_trend(TrendParameters(event=None, days=4), context("2026-03-03T12:00:00"), rows)

    assert answer == {
        "buckets": ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"],
        "series": [{"label": "All events", "values": [0.0, 3.0, 0.0, 4.0], "total": 7.0}],
        "rows_read": 7,
        "elapsed_milliseconds": 1.5,
    }


def test_a_series_is_labelled_with_its_event() -> None:
    answer = shape_trend(TrendParameters(event="signed up", days=1), context("2026-03-03T12:00:00"), Rows(columns=[], rows=[]))

    assert answer["series"] == [{"label": "signed up", "values": [0.0], "total": 0.0}]


def test_today_is_where_the_project_is() -> None:
    assert days_of(TrendParameters(event=None, days=1), context("2026-03-03T22:59:00", "Europe/Berlin")) == [date(2026, 3, 3)]
    assert days_of(TrendParameters(event=None, days=1), context("2026-03-03T23:00:00", "Europe/Berlin")) == [date(2026, 3, 4)]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Africa/Cairo", date(2026, 4, 24), 23),  # clocks skip midnight
        ("America/Havana", date(2026, 11, 1), 25),  # clocks repeat midnight
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_days_are_as_long_as_they_are(zone, day, hours) -> None:
    start, end = start_of_day(day, ZoneInfo(zone)), start_of_day(day + timedelta(days=1), ZoneInfo(zone))

    assert (end - start) / timedelta(hours=1) == hours
    assert start.astimezone(ZoneInfo(zone)).date() == day
    assert (start - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == day - timedelta(days=1)


def test_a_year_with_both_changes_has_every_day_once() -> None:
    at = context("2026-12-31T12:00:00", "America/New_York")

    days = days_of(TREND.parse({"days": 365}), at)

    assert (days[0], days[-1], len(set(days))) == (date(2026, 1, 1), date(2026, 12, 31), 365)
