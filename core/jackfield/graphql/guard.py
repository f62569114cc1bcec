"""Stands before every resolver: checks the field's permission where the field is, and hands over what a resolver may see."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLResolveInfo
from graphql.pyutils import Path

from jackfield.graphql.request import ApiRequest, Place
from jackfield_sdk import Refused
from jackfield_sdk.graphql import INHERITED, SIGNED_IN, Info

PROJECT_TYPE: Final = "Project"
"""The type below which everything belongs to one project."""


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What the host holds a field to."""

    permission: str
    cost: int = 0
    max_page: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceInfo:
    """Second argument of resolvers; implements the SDK's `Info`, and tells core's own where in the query they are."""

    context: Place
    path: Path


def guarded(resolve: Callable[..., Any], rules: FieldRules) -> Callable[..., Any]:
    """Wrap a resolver: nothing of it runs before the viewer's permission at the field's place was checked."""

    def resolve_guarded(root: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        request: ApiRequest = info.context
        place = request.place_of(root, info, PROJECT_TYPE)
        if rules.permission not in (SIGNED_IN, INHERITED) and not place.may(rules.permission):
            raise Refused(
                f"You lack the permission {rules.permission} for {info.parent_type.name}.{info.field_name}. Ask a project's admin for it.", status=403
            )
        if rules.max_page is not None and not 1 <= arguments["first"] <= rules.max_page:
            raise Refused(f"`first` of {info.parent_type.name}.{info.field_name} is {arguments['first']}; it must be from 1 to {rules.max_page}.")
        with request.blocking():
            return resolve(root, PlaceInfo(place, info.path), **arguments)

    return resolve_guarded


def node_id(type_name: str) -> Callable[[Any, Info], str]:
    """Make the resolver of a node's opaque id, which holds type, project and key."""

    def resolve_id(root: Any, info: Info) -> str:
        return base64.urlsafe_b64encode(f"{type_name}:{info.context.project.id}:{root.id}".encode()).decode()

    return resolve_id


def read_node_id(opaque: str) -> tuple[str, int, str] | None:
    """Return type, project and key of an opaque id, None when it is none of ours."""
    try:
        type_name, project_id, key = base64.urlsafe_b64decode(opaque.encode()).decode().split(":", 2)
        return type_name, int(project_id), key
    except ValueError:
        return None
