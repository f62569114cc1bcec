"""The functions that a query may call. What is not here is never printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Function:
    """A function of ClickHouse under the same name.

    Args:
        least, most: number of arguments; `most` None for any.
        null: what its result is when an argument is NULL.
    """

    least: int
    most: int | None
    null: str = "propagates"  # or "never"
    parameters: int = 0


_UNARY = Function(1, 1)
_AGGREGATE = Function(1, 1)

FUNCTIONS: Final[Mapping[str, Function]] = {
    # aggregates
    "count": Function(0, 1, null="never"),
    "countIf": Function(1, 1, null="never"),
    "uniq": Function(1, None, null="never"),
    "uniqExact": Function(1, None, null="never"),
    "sum": _AGGREGATE,
    "avg": _AGGREGATE,
    "min": _AGGREGATE,
    "max": _AGGREGATE,
    "any": _AGGREGATE,
    "argMax": Function(2, 2),
    "argMin": Function(2, 2),
    "quantile": Function(1, 1, parameters=1),
    # time
    "toDate": Function(1, 2),
    "toStartOfHour": Function(1, 2),
    "toStartOfDay": Function(1, 2),
    "toStartOfWeek": Function(1, 3),
    "toStartOfMonth": Function(1, 2),
    "toTimeZone": Function(2, 2),
    "now": Function(0, 0, null="never"),
    # texts
    "lower": _UNARY,
    "upper": _UNARY,
    "length": _UNARY,
    "concat": Function(1, None),
    "startsWith": Function(2, 2),
    "position": Function(2, 2),
    # conversion and choice
    "toString": _UNARY,
    "accurateCastOrNull": Function(2, 2),
    "toUUIDOrNull": _UNARY,
    "if": Function(3, 3),
    "coalesce": Function(1, None),
    "isNull": Function(1, 1, null="never"),
    "isNotNull": Function(1, 1, null="never"),
    # arithmetic
    "plus": Function(2, 2),
    "minus": Function(2, 2),
    "multiply": Function(2, 2),
    "divide": Function(2, 2),
    "round": Function(1, 2),
}
