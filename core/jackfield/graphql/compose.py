"""Composes the schema from the parts of core and plugins. graphene lets clashes pass silently, so they are found here, before it builds anything."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import graphene
from graphene.types.schema import TypeMap
from graphql import GraphQLInterfaceType, GraphQLSchema, validate_schema

from jackfield.errors import PluginProblem
from jackfield.graphql.guard import FieldRules, guarded, node_id
from jackfield.host.registry import Contributed, Registry
from jackfield.projects.access import Access
from jackfield_sdk import GraphQLPart
from jackfield_sdk.graphql import INHERITED, SIGNED_IN, Field, Node, Type, TypeExtension, api_name

logger = logging.getLogger(__name__)

ROOTS: Final = ("Query", "Mutation")

GrapheneType: TypeAlias = Any
"""A class of graphene's; it has no types."""


@dataclass(frozen=True, slots=True)
class Composed:
    """The schema, and the cost of each field by (type, field)."""

    schema: GraphQLSchema
    rules: Mapping[tuple[str, str], FieldRules]
    types: Mapping[str, type[Type]]


def compose(registry: Registry, access: Access) -> Composed:
    """Build the schema.

    Raises:
        PluginProblem: two parts clash, or a field has no permission or one that nobody declares; the message names the plugins.
    """
    parts = _Parts(access)
    for item in registry.of(GraphQLPart):
        for made in _build(item):
            parts.add(item.plugin, made)
    parts.check()
    type_map = _ComposedTypeMap(parts)
    schema = GraphQLSchema(type_map.query, type_map.mutation, None, type_map.types)
    problems = validate_schema(schema)
    if problems:
        raise PluginProblem(sorted(set(parts.type_owner.values())), "The composed schema is invalid: " + "; ".join(map(str, problems)))
    return Composed(schema, parts.rules, {name: kind for name, kind in parts.types.items() if issubclass(kind, Type)})


def _build(item: Contributed[GraphQLPart]) -> Sequence[object]:
    try:
        return item.value.build()
    except (Exception, SystemExit) as problem:
        raise PluginProblem(
            [item.plugin], f"GraphQL part {item.value.name!r} of plugin {item.plugin!r} failed: {type(problem).__name__}: {problem}"
        ) from problem


class _Parts:
    """All types and fields with their owners, by name."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.types: dict[str, type] = {}
        self.type_owner: dict[str, str] = {}
        self.extensions: dict[str, list[type[Type]]] = {}
        self.field_owner: dict[tuple[str, str], str] = {}
        self.rules: dict[tuple[str, str], FieldRules] = {}

    def add(self, plugin: str, made: object) -> None:
        if isinstance(made, TypeExtension):
            self.extensions.setdefault(made.type_name, []).append(made.fields)
            self._add_fields(plugin, made.type_name, made.fields)
        elif isinstance(made, type) and issubclass(made, Type):
            self._add_type(plugin, made)
        else:
            raise PluginProblem([plugin], f"A GraphQL part of plugin {plugin!r} holds {made!r}; it must hold types and what `extend` returns.")

    def check(self) -> None:
        """Refuse what is left ambiguous once all parts are known; sort extensions, so that the schema does not depend on who came first."""
        for name, extensions in self.extensions.items():
            if name == "Mutation" and name not in self.types:
                self.types[name] = type("Mutation", (Type,), {"__doc__": "What can be changed."})
            if name not in self.types:
                logger.info("Nobody has the GraphQL type %s; fields that plugins add to it stay away", name)
            extensions.sort(key=lambda fields: f"{fields.__module__}.{fields.__qualname__}")

    def _add_type(self, plugin: str, kind: GrapheneType) -> None:
        name = kind._meta.name
        known = self.types.get(name)
        if known is kind:
            return
        if known is not None:
            _clash("type", name, self.type_owner[name], plugin)
        self.types[name] = kind
        self.type_owner[name] = plugin
        self._add_fields(plugin, name, kind)

    def _add_fields(self, plugin: str, type_name: str, holder: GrapheneType) -> None:
        meta = holder._meta
        for interface in getattr(meta, "interfaces", ()):
            self._add_type(plugin, interface)
        for name, field in getattr(meta, "fields", {}).items():
            self._add_field(plugin, type_name, holder, field.name or api_name(name), field)
        for member in getattr(meta, "types", ()):  # of a union
            self._add_type(plugin, member)

    def _add_field(self, plugin: str, type_name: str, holder: GrapheneType, name: str, field: Any) -> None:
        known = self.field_owner.get((type_name, name))
        if known is not None:
            _clash("field", f"{type_name}.{name}", known, plugin)
        self.field_owner[type_name, name] = plugin
        if issubclass(holder, graphene.ObjectType):
            self.rules[type_name, name] = self._rules(plugin, type_name, holder, name, field)
        for used in (field.type, *(argument.type for argument in getattr(field, "args", {}).values())):
            kind = _named(used)
            if kind.__module__.partition(".")[0] != "graphene":
                self._add_type(plugin, kind)

    def _rules(self, plugin: str, type_name: str, holder: GrapheneType, name: str, field: Any) -> FieldRules:
        if name == "id" and Node in holder._meta.interfaces:
            return FieldRules(INHERITED)
        own = field.permission if isinstance(field, Field) else None
        permission = own or getattr(holder._meta, "permission", None)
        if permission is None:
            raise PluginProblem(
                [plugin],
                f"GraphQL field {type_name}.{name} of plugin {plugin!r} declares no permission, so nobody could see it. "
                f'Write Field(…, permission="{plugin}.<resource>.<action>"), or give its type one in `class Meta`.',
            )
        if permission not in (SIGNED_IN, INHERITED) and permission not in self._access:
            raise PluginProblem(
                [plugin],
                f"GraphQL field {type_name}.{name} of plugin {plugin!r} demands the permission {permission!r}, which nobody declares. "
                "Return it from register_permissions, or correct the name.",
            )
        return FieldRules(permission, field.cost if isinstance(field, Field) else 0, field.max_page if isinstance(field, Field) else None)


class _ComposedTypeMap(TypeMap):
    """graphene's type map, with added fields, guarded resolvers and opaque ids."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        roots = {name: parts.types.get(name) for name in ROOTS}
        others = [kind for name, kind in sorted(parts.types.items()) if name not in ROOTS]
        super().__init__(query=roots["Query"], mutation=roots["Mutation"], types=others)

    def create_interface(self, graphene_type: GrapheneType) -> GraphQLInterfaceType:
        made: GraphQLInterfaceType = super().create_interface(graphene_type)
        if graphene_type is Node:
            made.resolve_type = lambda _row, info, _interface: info.context.node_type(info.path)
        return made

    def create_fields_for_type(self, graphene_type: GrapheneType, is_input_type: bool = False) -> dict[str, Any]:
        fields: dict[str, Any] = super().create_fields_for_type(graphene_type, is_input_type=is_input_type)
        if not issubclass(graphene_type, graphene.ObjectType):
            return fields
        type_name = graphene_type._meta.name
        for extension in self._parts.extensions.get(type_name, ()):
            fields |= super().create_fields_for_type(extension)
        for name, field in fields.items():
            resolve: Callable[..., Any] = field.resolve
            if name == "id" and Node in graphene_type._meta.interfaces:
                resolve = node_id(type_name)
            rules = self._parts.rules[type_name, name]
            if rules.permission is not INHERITED or not isinstance(resolve, partial):  # graphene's own resolver is a partial; it only reads the row
                field.resolve = guarded(resolve, rules)
        return fields


def _named(used: Any) -> GrapheneType:
    while isinstance(used, graphene.List | graphene.NonNull):
        used = used.of_type
    return used


def _clash(noun: str, name: str, first: str, second: str) -> None:
    if first == second:
        raise PluginProblem([second], f"GraphQL {noun} {name} is defined twice by plugin {second!r}. Rename one of the two.")
    raise PluginProblem(
        [first, second],
        f"GraphQL {noun} {name} is defined by both {first!r} and {second!r}. "
        f"Disable one with JACKFIELD_PLUGINS_DISABLED={second}, or ask its author to choose another name.",
    )
