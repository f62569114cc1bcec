"""Bounds of one operation, worked out from its text before anything runs: depth and cost. Each fragment is measured once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from jackfield.graphql.guard import FieldRules
from jackfield_sdk import Refused

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_TOKENS: Final = 4000
MAX_DEPTH: Final = 12
MAX_COST: Final = 2000
MAX_ERRORS: Final = 10


@dataclass(frozen=True, slots=True)
class Measure:
    """How deep and how costly a part of an operation is."""

    depth: int = 0
    cost: int = 0


class Measuring:
    """Measures an operation that was found valid: without circles of fragments, its fields known."""

    def __init__(
        self, schema: GraphQLSchema, rules: Mapping[tuple[str, str], FieldRules], document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._rules = rules
        self._variables = variables
        self._fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        self._measured: dict[str, Measure] = {}

    def measure(self, operation: OperationDefinitionNode) -> Measure:
        """Return the measure of an operation.

        Raises:
            Refused: it goes beyond `MAX_DEPTH` or `MAX_COST`.
        """
        root = self._schema.get_root_type(operation.operation)
        found = self._selections(operation.selection_set, root)
        if found.depth > MAX_DEPTH:
            raise Refused(f"The query is {found.depth} levels deep; {MAX_DEPTH} are allowed. Ask in several queries.")
        if found.cost > MAX_COST:
            raise Refused(f"The query costs {found.cost} points; {MAX_COST} are allowed. Ask for smaller pages, or in several queries.")
        return found

    def _selections(self, selections: SelectionSetNode, parent: Any) -> Measure:
        depth = cost = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                part = self._field(selection, parent)
            elif isinstance(selection, FragmentSpreadNode):
                part = self._fragment(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                kind = self._schema.get_type(selection.type_condition.name.value) if selection.type_condition else parent
                part = self._selections(selection.selection_set, kind)
            depth = max(depth, part.depth)
            cost += part.cost
        return Measure(depth, cost)

    def _fragment(self, name: str) -> Measure:
        if name not in self._measured:
            fragment = self._fragments[name]
            self._measured[name] = self._selections(fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value))
        return self._measured[name]

    def _field(self, node: FieldNode, parent: Any) -> Measure:
        name = node.name.value
        if name.startswith("__"):
            return Measure(1)  # introspection reads memory only
        rules = self._rules.get((parent.name, name), FieldRules(""))
        if node.selection_set is None:
            return Measure(1, rules.cost)
        inner = self._selections(node.selection_set, get_named_type(parent.fields[name].type))
        return Measure(1 + inner.depth, rules.cost + self._page(node, rules) * (1 + inner.cost))

    def _page(self, node: FieldNode, rules: FieldRules) -> int:
        if rules.max_page is None:
            return 1
        for argument in node.arguments:
            if argument.name.value == "first":
                value = argument.value
                asked = int(value.value) if isinstance(value, IntValueNode) else None
                if isinstance(value, VariableNode):
                    asked = self._variables.get(value.name.value)
                if isinstance(asked, int):
                    return min(max(asked, 1), rules.max_page)
        return rules.max_page
