"""The relational algebra that queries are written in: closed, typed, frozen. It can name no physical table; core's printer alone does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal as OneOf
from typing import TypeAlias
from uuid import UUID

# -- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. It travels as a parameter, never as text of the query."""

    value: bool | int | float | str | datetime | UUID | None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a virtual table, or a property below it: `Field("properties", "plan")`, `Field("person", "properties", "email")`."""

    path: tuple[str, ...]

    def __init__(self, *path: str) -> None:
        object.__setattr__(self, "path", path)


@dataclass(frozen=True, slots=True)
class Alias:
    """An expression with a name."""

    expression: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the allow-list. `parameters` stand before the arguments, as in `quantile(0.9)(x)`."""

    name: str
    arguments: tuple["Expression", ...] = ()
    parameters: tuple[Literal, ...] = ()
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two values."""

    left: "Expression"
    operator: OneOf["=", "!=", "<", "<=", ">", ">=", "like", "ilike"]
    right: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    """True when every operand is; true when there is none."""

    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True when an operand is; false when there is none."""

    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class In:
    """Membership in a list of constants or in the one column of a query."""

    operand: "Expression"
    options: "tuple[Literal, ...] | Select"


Expression: TypeAlias = Literal | Field | Alias | Call | Compare | And | Or | Not | In

# -- relations -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """A virtual table by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key."""

    expression: Expression
    direction: OneOf["asc", "desc"] = "asc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A query over one relation."""

    columns: Sequence[Expression]
    source: "Relation"
    where: Expression | None = None
    group_by: Sequence[Expression] = ()
    having: Expression | None = None
    order_by: Sequence[Order] = ()
    limit: int | None = None
    offset: int = 0
    distinct: bool = False


Relation: TypeAlias = Table | Select
