"""When an event happened, whatever the client's clock says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from jackfield_posthog.clock import clock_skew, event_time, instant

from .conftest import Decode, MakeRequest

SECOND = 1_000_000
HOUR = 3600 * SECOND


def _at(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime.fromisoformat("1970-01-01T00:00:00Z")) // timedelta(microseconds=1)


NOW = _at("2026-11-22T11:20:57Z")


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("2026-11-22T11:20:56.215Z", "2026-11-22T11:20:56.215+00:00"),
        ("2026-11-22T11:20:56.215123456Z", "2026-11-22T11:20:56.215123+00:00"),
        ("2026-11-22T11:20:56+03", "2026-11-22T08:20:56+00:00"),
        ("2026-11-22T11:20:56+0530", "2026-11-22T05:50:56+00:00"),
        ("2026-11-22T11:20:56", "2026-11-22T11:20:56+00:00"),
        (" 2026-11-22 11:20:56 ", "2026-11-22T11:20:56+00:00"),
        ("2026-11-22", "2026-11-22T00:00:00+00:00"),
        ("Sun, 22 Nov 2026 11:20:56 GMT", "2026-11-22T11:20:56+00:00"),
        ("Sun, 22 Nov 2026 11:20:56 +0300", "2026-11-22T08:20:56+00:00"),
        ("1795346456", "2026-11-22T11:20:56+00:00"),
        ("1795346456242", "2026-11-22T11:20:56.242+00:00"),
        (1795346456, "2026-11-22T11:20:56+00:00"),
        (1795346456242, "2026-11-22T11:20:56.242+00:00"),
        (1795346456.25, "2026-11-22T11:20:56.250+00:00"),
    ],
)
def test_many_spellings_of_time_are_read(spelling: object, expected: str) -> None:
    assert instant(spelling) == _at(expected)


@pytest.mark.parametrize("spelling", ["", "soon", "2026-13-01", "2026-11-22T25:00:00Z", None, True, [], {}, "Sun, 99 Nov 2026", 1e300, "12"])
def test_what_is_no_time_is_none(spelling: object) -> None:
    assert instant(spelling) is None or not -(10**18) < instant(spelling) < 10**18  # a number may be absurd; the bounds come later


@pytest.mark.parametrize(
    ("timestamp", "offset", "skew", "expected"),
    [
        pytest.param("2026-11-22T11:20:50Z", None, 0, NOW - 7 * SECOND, id="timestamp"),
        pytest.param("2026-11-22T11:20:50Z", None, 300_000, NOW - 7 * SECOND + 300_000, id="sent 300 ms before now"),
        pytest.param(None, None, 300_000, NOW, id="missing"),
        pytest.param("soon", None, 300_000, NOW, id="unparsable"),
        pytest.param("2026-11-22T11:20:50Z", 1500, 300_000, NOW - 1_500_000, id="offset wins"),
        pytest.param(None, 0, 0, NOW, id="offset of nothing"),
        pytest.param(None, 1.5, 0, NOW - 1500, id="offset in parts of a millisecond"),
        pytest.param("2026-11-22T11:20:50Z", True, 0, NOW - 7 * SECOND, id="offset that is none"),
        pytest.param("2026-11-22T11:20:50Z", 1e308, 0, NOW - 7 * SECOND, id="offset beyond all time"),
        pytest.param("2026-11-22T11:20:50Z", "5", 0, NOW - 7 * SECOND, id="offset that is text"),
        pytest.param("2026-11-23T10:20:57Z", None, 0, NOW + 23 * HOUR, id="23 hours ahead"),
        pytest.param("2026-11-23T10:20:57.000001Z", None, 0, NOW, id="more than 23 hours ahead"),
        pytest.param(None, -(10**9), 0, NOW, id="offset into the future"),
        pytest.param(1e300, None, 0, NOW, id="absurdly late"),
        pytest.param("-000044-03-15T00:00:00Z", None, 0, 0, id="before Christ"),
        pytest.param("0001-01-01T00:00:00Z", None, -(10**18), 0, id="moved before Christ"),
        pytest.param("1969-07-20T20:17:40Z", None, 0, _at("1969-07-20T20:17:40Z"), id="before 1970"),
    ],
)
def test_time_of_an_event(timestamp: object, offset: object, skew: int, expected: int) -> None:
    assert event_time(timestamp, offset, skew=skew, now=NOW) == expected


@pytest.mark.parametrize(
    ("sent_at", "query", "skew"),
    [
        ("2026-11-22T11:20:56.700Z", {}, 300_000),
        ("2026-11-22T11:20:56.700Z", {"_": "1795346450000"}, 300_000),
        (None, {"_": "1795346456000"}, SECOND),
        (None, {"sent_at": "1795346456000"}, SECOND),
        ("soon", {"_": "1795346456000"}, SECOND),
        (None, {"_": "1577836800000"}, 0),  # 2020: a client without a clock
        (None, {"_": "x"}, 0),
        (None, {}, 0),
        (5, {}, 0),
    ],
)
def test_the_clients_clock_is_compared_with_ours(sent_at: object, query: dict[str, str], skew: int) -> None:
    assert clock_skew(sent_at, query, now=NOW) == skew


@pytest.mark.parametrize(
    ("root", "properties", "query", "expected"),
    [
        ({"sent_at": "2026-11-22T11:20:56.700Z"}, {}, "", NOW - 7 * SECOND + 300_000),
        ({"sent_at": "2026-11-22T11:20:56.700Z"}, {"$ignore_sent_at": True}, "", NOW - 7 * SECOND),
        ({"sent_at": "2026-11-22T11:20:56.700Z"}, {"$ignore_sent_at": "true"}, "", NOW - 7 * SECOND + 300_000),
        ({}, {}, "ip=1&_=1795346456000", NOW - 6 * SECOND),
    ],
)
def test_the_batch_is_moved_by_the_clocks_difference(
    root: dict[str, Any], properties: dict[str, Any], query: str, expected: int, request_of: MakeRequest, decoded: Decode
) -> None:
    import json

    event = {"event": "e", "distinct_id": "u", "timestamp": "2026-11-22T11:20:50Z", "properties": properties}
    request = request_of(json.dumps({"api_key": "phc_a", "batch": [event], **root}).encode(), query=query, received_at=NOW)

    assert decoded(request).timestamp == [expected]
