"""When an event happened, from what a client's clock says. All instants are microseconds since 1970, UTC."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from jackfield_sdk.timestamps import SECOND, microseconds

FUTURE: Final = 23 * 3600 * SECOND
"""Clocks may be a day off by a wrong zone; what lies further ahead is a mistake."""

_YEAR_0: Final = -62_167_219_200 * SECOND
_YEAR_2021: Final = 1_609_459_200 * SECOND

_NUMBER: Final = re.compile(r"\s*-?\d{9,}(?:\.\d+)?\s*")
_YEAR_BEFORE_CHRIST: Final = re.compile(r"\s*-\d{4,}-")


MAX_OFFSET: Final = 10_000 * 366 * 86_400_000
"""Milliseconds; what claims to have waited longer says nothing."""


def event_time(timestamp: object, offset: object, *, skew: int, now: int) -> int:
    """Return when an event happened.

    Args:
        timestamp: of the event, as it came.
        offset: milliseconds that the event had waited in the client when it was sent; counts before all else.
        skew: what the client's clock is behind ours.
        now: when the request was received.
    """
    if isinstance(offset, int | float) and not isinstance(offset, bool) and abs(offset) < MAX_OFFSET:
        at = now - int(offset * 1000)
    else:
        read = None if timestamp is None else instant(timestamp)
        if read is None:
            return now
        at = read + skew
    if at > now + FUTURE:
        return now
    return 0 if at < _YEAR_0 else at


def clock_skew(sent_at: object, query: Mapping[str, str], *, now: int) -> int:
    """Return what the client's clock is behind ours, 0 when it does not say; `sent_at` of the body counts before that of the query."""
    at = instant(sent_at) if isinstance(sent_at, str) else None
    if at is None:
        at = _query_time(query.get("_") or query.get("sent_at") or "")
    return 0 if at is None else now - at


def instant(value: object) -> int | None:
    """Read RFC 3339 in its many spellings, RFC 2822, or seconds or milliseconds since 1970; None when it is none of these."""
    try:
        if isinstance(value, str):
            return microseconds(value)
        return microseconds(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    except ValueError:
        return _rare_spelling(value) if isinstance(value, str) else None


def _query_time(text: str) -> int | None:
    """Read milliseconds. Clients with a dead battery believe in 1970: they are not believed."""
    try:
        at = int(text) * 1000
    except ValueError:
        return None
    return at if at >= _YEAR_2021 else None


def _rare_spelling(text: str) -> int | None:
    if _YEAR_BEFORE_CHRIST.match(text):
        return _YEAR_0 - 1
    try:
        return microseconds(float(text) if _NUMBER.fullmatch(text) else parsedate_to_datetime(text).isoformat())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
