"""When something happened, as clients say it."""

from datetime import UTC, datetime
from typing import Final

SECOND: Final = 1_000_000
_MILLISECONDS_FROM: Final = 100_000_000_000  # as seconds they would mean the year 5138
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(value: str | float) -> int:
    """Convert an ISO 8601 text, UTC if it names no zone, or a number of seconds or milliseconds since 1970 to microseconds since 1970.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, str):
        moment = datetime.fromisoformat(value.strip())
        since = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) - _EPOCH
        return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds
    try:
        return round(value * (1_000 if abs(value) >= _MILLISECONDS_FROM else SECOND))
    except OverflowError as problem:
        raise ValueError(f"{value} is no time of any calendar") from problem
