"""The query kind `example.guests`: who signed most often. Builds a query and reads its rows, asks nothing itself."""

from dataclasses import dataclass
from typing import Final

from jackfield_sdk import JsonObject, QueryContext, QueryKind, Refused, Rows
from jackfield_sdk.ast import Alias, Call, Field, Order, Select, Table

MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingParameters:
    """How many guests to name."""

    limit: int


def parse_ranking(parameters: JsonObject) -> RankingParameters:
    """Read `{"limit": 1 to 100}`; 10 if left out.

    Raises:
        Refused: it is something else.
    """
    limit = parameters.get("limit", 10)
    if set(parameters) - {"limit"} or type(limit) is not int or not 1 <= limit <= MOST:
        raise Refused(f"A ranking of guests takes `limit`, a whole number from 1 to {MOST}, and nothing else.")
    return RankingParameters(limit=limit)


def compile_ranking(parameters: RankingParameters, _: QueryContext) -> Select:
    """Build the query; names that signed equally often stand in order of the alphabet."""
    return Select(
        columns=[Field("guest_name"), Alias(Call("count"), "entries")],
        source=Table("guestbook"),
        group_by=[Field("guest_name")],
        order_by=[Order(Field("entries"), "desc"), Order(Field("guest_name"))],
        limit=parameters.limit,
    )


def shape_ranking(_: RankingParameters, __: QueryContext, rows: Rows) -> JsonObject:
    """Name guests with their numbers of entries."""
    return {"guests": [{"name": name, "entries": int(str(entries))} for name, entries in rows.rows]}


RANKING: Final[QueryKind[RankingParameters]] = QueryKind(name="example.guests", parse=parse_ranking, compile=compile_ranking, shape=shape_ranking)
