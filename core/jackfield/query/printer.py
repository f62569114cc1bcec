"""Prints the relational AST as ClickHouse SQL. The only place that names physical tables, each within a guard on its project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from jackfield.query.catalog import Catalog
from jackfield.query.functions import FUNCTIONS
from jackfield_sdk import Refused, VirtualTable, ast
from jackfield_sdk.query import Column, Derived, Properties

MAX_NODES: Final = 5_000
"""Nodes of one query; more is refused."""

DATABASE: Final = "jackfield"

_OPERATORS: Final = {
    "=": "equals",
    "!=": "notEquals",
    "<": "less",
    "<=": "lessOrEquals",
    ">": "greater",
    ">=": "greaterOrEquals",
    "like": "like",
    "ilike": "ilike",
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A statement and its values, encoded as the store reads them."""

    sql: str
    parameters: Mapping[str, str]


def print_query(query: ast.Select, catalog: Catalog, *, project_id: int) -> Printed:
    """Print a query of one project.

    Raises:
        Refused: it names a table, field or function that does not exist, or is too large.
    """
    printer = _Printer(catalog, project_id)
    sql = printer.select(query)
    return Printed(sql, printer.parameters)


@dataclass(slots=True)
class _Scope:
    """What names mean within one select: the fields of its source, and the aliases of its columns."""

    name: str
    table: VirtualTable | None
    outputs: Mapping[str, bool]
    aliases: dict[str, bool] = field(default_factory=dict)
    exported: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Text:
    """A printed expression, and whether it can be NULL."""

    sql: str
    nullable: bool = False


class _Printer:
    def __init__(self, catalog: Catalog, project_id: int) -> None:
        self._catalog = catalog
        self._project_id = project_id
        self._nodes = 0
        self._relations = 0
        self.parameters: dict[str, str] = {}

    # -- relations ---------------------------------------------------------------------------------------------------

    def select(self, query: ast.Select) -> str:
        sql, _ = self._select(query)
        return sql

    def _select(self, query: ast.Select) -> tuple[str, dict[str, bool]]:
        self._count()
        self._relations += 1
        name = f"t{self._relations}"
        if isinstance(query.source, ast.Table):
            scope = _Scope(name, self._catalog.table(query.source.name), {})
            inner = None
        else:
            inner, outputs = self._select(query.source)
            scope = _Scope(name, None, outputs)
        if not query.columns:
            raise Refused("A query selects at least one column.")
        columns, produced = self._columns(query.columns, scope)
        clauses: list[str] = []
        if query.where is not None:
            clauses.append(f"WHERE {self._expression(query.where, scope).sql}")
        if query.group_by:
            clauses.append("GROUP BY " + self._list(query.group_by, scope))
        if query.having is not None:
            clauses.append(f"HAVING {self._expression(query.having, scope).sql}")
        if query.order_by:
            keys = [f"{self._expression(key.expression, scope).sql} {'DESC' if key.direction == 'desc' else 'ASC'}" for key in query.order_by]
            clauses.append("ORDER BY " + ", ".join(keys))
        if query.limit is not None:
            clauses.append(f"LIMIT {int(query.limit)} OFFSET {int(query.offset)}")
        # The source is printed last: only now it is known which columns it must let through.
        source = f"({inner})" if inner is not None else self._source(scope)
        head = "SELECT DISTINCT" if query.distinct else "SELECT"
        return " ".join([head, columns, f"FROM {source} AS {name}", *clauses]), produced

    def _columns(self, columns: Sequence[ast.Expression], scope: _Scope) -> tuple[str, dict[str, bool]]:
        printed: list[str] = []
        produced: dict[str, bool] = {}
        for column in columns:
            if isinstance(column, ast.Alias):
                name, expression = column.name, column.expression
            elif isinstance(column, ast.Field):
                name, expression = column.path[-1], column
            else:
                raise Refused(f"A selected expression needs a name: wrap {type(column).__name__} in Alias.")
            if name in produced:
                raise Refused(f"Two selected columns are named {name!r}.")
            text = self._expression(expression, scope)
            printed.append(f"{text.sql} AS {quoted(name)}")
            produced[name] = text.nullable
        scope.aliases.update(produced)
        return ", ".join(printed), produced

    def _source(self, scope: _Scope) -> str:
        table = scope.table
        if table is None:  # an inner select was printed already
            raise AssertionError("a select over a select has no table")
        if isinstance(table.source, ast.Select):
            return f"({self.select(table.source)})"
        columns = ", ".join(quoted(name) for name in scope.exported) or "1"
        final = " FINAL" if table.latest_only else ""
        return f"(SELECT {columns} FROM {DATABASE}.{quoted(table.source)}{final} WHERE team_id = {self._project_id:d})"  # noqa: S608 - quoted names

    # -- expressions -------------------------------------------------------------------------------------------------

    def _expression(self, node: ast.Expression, scope: _Scope) -> _Text:
        self._count()
        match node:
            case ast.Literal():
                return self._literal(node)
            case ast.Field():
                return self._field(node, scope)
            case ast.Alias():
                return self._expression(node.expression, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Compare():
                return self._compare(node, scope)
            case ast.And():
                return _Text("(" + " AND ".join(self._expression(one, scope).sql for one in node.operands) + ")" if node.operands else "1")
            case ast.Or():
                return _Text("(" + " OR ".join(self._expression(one, scope).sql for one in node.operands) + ")" if node.operands else "0")
            case ast.Not():
                return _Text(f"not({self._expression(node.operand, scope).sql})")
            case ast.In():
                return self._in(node, scope)

    def _literal(self, node: ast.Literal) -> _Text:
        value = node.value
        if value is None:
            return _Text("NULL", nullable=True)
        if isinstance(value, bool):
            return _Text("true" if value else "false")
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise Refused("A time in a query needs a zone.")
            try:
                moment = value.astimezone(UTC).replace(tzinfo=None)
            except OverflowError as problem:
                raise Refused("A time in a query lies within the years 1 to 9999.") from problem
            text = self._parameter("String", moment.isoformat(" ", "microseconds"))
            return _Text(f"toDateTime64({text}, 6, 'UTC')")
        kinds: dict[type, str] = {int: "Int64", float: "Float64", str: "String", UUID: "UUID"}
        return _Text(self._parameter(kinds[type(value)], str(value)))

    def _field(self, node: ast.Field, scope: _Scope) -> _Text:
        head, *below = node.path
        if scope.table is None:
            if head in scope.outputs and not below:
                return _Text(f"{scope.name}.{quoted(head)}", nullable=scope.outputs[head])
        elif head in scope.table.fields:
            return self._table_field(scope.table, head, below, scope)
        if head in scope.aliases and not below:
            return _Text(quoted(head), nullable=scope.aliases[head])
        known = scope.table.fields if scope.table is not None else scope.outputs
        where = f"table {scope.table.name!r}" if scope.table is not None else "the inner query"
        raise Refused(f"There is no field {'.'.join(node.path)!r} in {where}; there are {', '.join(sorted(known))}.")

    def _table_field(self, table: VirtualTable, name: str, below: Sequence[str], scope: _Scope) -> _Text:
        declared = table.fields[name]
        match declared.source:
            case Column(column):
                if below:
                    raise Refused(f"Field {name!r} of table {table.name!r} has nothing below it.")
                return _Text(self._exported(column, scope))
            case Derived(expression):
                if below:
                    raise Refused(f"Field {name!r} of table {table.name!r} has nothing below it.")
                text = self._expression(expression, scope)
                # Comparisons are numbers to ClickHouse; readers are promised true and false.
                return _Text(f"toBool({text.sql})", text.nullable) if declared.type == "boolean" else text
            case Properties(column):
                if not below:
                    return _Text(self._exported(column, scope))
                if table.source == "events" and len(below) == 1 and below[0] in self._catalog.promoted:
                    return _Text(self._exported(f"p_{below[0]}", scope), nullable=True)
                steps = ", ".join(self._parameter("String", step) for step in below)
                return _Text(f"JSONExtract({self._exported(column, scope)}, {steps}, 'Nullable(String)')", nullable=True)

    def _exported(self, column: str, scope: _Scope) -> str:
        scope.exported[column] = None
        return f"{scope.name}.{quoted(column)}"

    def _call(self, node: ast.Call, scope: _Scope) -> _Text:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise Refused(f"There is no function {node.name!r}; there are {', '.join(sorted(FUNCTIONS))}.")
        count = len(node.arguments)
        if count < function.least or (function.most is not None and count > function.most) or len(node.parameters) != function.parameters:
            most = "or more" if function.most is None else f"to {function.most}"
            raise Refused(
                f"Function {node.name} takes {function.least} {most} argument(s) and {function.parameters} parameter(s); "
                f"it was given {count} and {len(node.parameters)}."
            )
        arguments = [self._expression(argument, scope) for argument in node.arguments]
        parameters = ""
        if node.parameters:
            parameters = "(" + ", ".join(_number(parameter) for parameter in node.parameters) + ")"
        distinct = "DISTINCT " if node.distinct else ""
        sql = f"{node.name}{parameters}({distinct}{', '.join(argument.sql for argument in arguments)})"
        return _Text(sql, nullable=function.null == "propagates" and any(argument.nullable for argument in arguments))

    def _compare(self, node: ast.Compare, scope: _Scope) -> _Text:
        left, right = self._expression(node.left, scope), self._expression(node.right, scope)
        sql = f"{_OPERATORS[node.operator]}({left.sql}, {right.sql})"
        if not (left.nullable or right.nullable):
            return _Text(sql)  # bare, so that ranges reach the sort key
        if node.operator == "!=":
            return _Text(f"ifNull({sql}, xor(isNull({left.sql}), isNull({right.sql})))")
        if node.operator == "=" and left.nullable and right.nullable:
            return _Text(f"ifNull({sql}, isNull({left.sql}) AND isNull({right.sql}))")
        return _Text(f"ifNull({sql}, 0)")

    def _in(self, node: ast.In, scope: _Scope) -> _Text:
        operand = self._expression(node.operand, scope)
        if isinstance(node.options, ast.Select):
            options = f"({self.select(node.options)})"
        else:
            if not node.options:
                return _Text("0")
            options = "(" + ", ".join(self._literal(option).sql for option in node.options) + ")"
        sql = f"in({operand.sql}, {options})"
        return _Text(f"ifNull({sql}, 0)" if operand.nullable else sql)

    # -- small things ------------------------------------------------------------------------------------------------

    def _list(self, nodes: Sequence[ast.Expression], scope: _Scope) -> str:
        return ", ".join(self._expression(node, scope).sql for node in nodes)

    def _parameter(self, kind: str, value: str) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = _encoded(value) if kind == "String" else value
        return f"{{{name}:{kind}}}"

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise Refused(f"The query has more than {MAX_NODES} parts.")


def quoted(identifier: str) -> str:
    """Quote an identifier."""
    return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`"


_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f"})


def _encoded(text: str) -> str:
    """Encode a text parameter as ClickHouse reads it back."""
    return text.translate(_ESCAPES)


def _number(literal: ast.Literal) -> str:
    if isinstance(literal.value, bool) or not isinstance(literal.value, int | float):
        raise Refused("Parameters of a function are numbers.")
    return repr(literal.value)
