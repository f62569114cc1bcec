"""What the two metadata databases share about values: JSON as text, text without half characters, moments in UTC, and decoding of rows."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from jackfield_sdk import Refused
from jackfield_sdk.services import Row, SqlValue

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def whole_text(value: str) -> str:
    """Replace lone surrogates, which have no UTF-8, by U+FFFD."""
    return value if value.isascii() else _SURROGATES.sub("\ufffd", value)


def json_text(value: object) -> str:
    """Write JSON as Django's `JSONField` does.

    Raises:
        Refused: it holds NaN, infinity or something that is no JSON, or is too deep.
    """
    try:
        return json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as problem:
        raise Refused(f"A value is no JSON: {problem}.") from problem


def utc(value: datetime) -> datetime:
    """Return the same moment in UTC.

    Raises:
        Refused: it has no time zone, so it is no moment.
    """
    if value.tzinfo is None:
        raise Refused(f"{value!r} has no time zone; the metadata database keeps moments.")
    return value.astimezone(UTC)


def decode_rows(rows: list[Row], types: Sequence[type], readers: Mapping[type, Callable[[Any], SqlValue]]) -> list[Row]:
    """Apply a reader to each column whose type has one; NULL stays None."""
    needed = [(position, readers[kind]) for position, kind in enumerate(types) if kind in readers]
    if not needed:
        return rows
    decoded: list[Row] = []
    for row in rows:
        values = list(row)
        for position, read in needed:
            if values[position] is not None:
                values[position] = read(values[position])
        decoded.append(tuple(values))
    return decoded
