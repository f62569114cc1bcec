"""Core's own part of the API: who asks, projects, and any object by its id."""

from collections.abc import Mapping, Sequence
from inspect import isawaitable
from typing import Any

from jackfield.graphql.guard import PlaceInfo, read_node_id
from jackfield.projects.models import Project as ProjectRow
from jackfield_sdk import ProjectInfo, Refused
from jackfield_sdk.graphql import ID, INHERITED, SIGNED_IN, Deferred, Field, Info, Int, Loader, Node, String, Type, list_of, model_field
from jackfield_sdk.graphql import Viewer as WhoAsks


def build() -> Sequence[object]:
    """Return core's types."""
    return [Query]


class ProjectById(Loader[int, ProjectInfo]):
    """Projects by number; asks for nothing that the viewer may see, the caller does."""

    def fetch(self, keys: Sequence[int]) -> Mapping[int, ProjectInfo]:
        return {row.id: project_info(row) for row in ProjectRow.objects.filter(id__in=keys)}


def project_info(row: ProjectRow) -> ProjectInfo:
    """Return a project as plugins see it."""
    return ProjectInfo(id=row.id, token=row.token, name=row.name, timezone=row.timezone)


class Project(Type):
    """A tenant: its events, members and settings are seen by nobody else."""

    class Meta:
        permission = "core.project.view"
        interfaces = (Node,)

    name = model_field(ProjectRow, "name")
    number = Field(Int, description="The number that API paths and HogQL's `team_id` use.")
    timezone = model_field(ProjectRow, "timezone")
    token = model_field(ProjectRow, "token")

    @staticmethod
    def resolve_number(project: ProjectInfo, _info: Info) -> int:
        return project.id

    @staticmethod
    def get_node(_key: str, info: Info) -> ProjectInfo:
        return info.context.project


class Viewer(Type):
    """The person or key that asks."""

    class Meta:
        permission = INHERITED

    email = Field(String, description="E-mail address; for a key, that of the person whom it belongs to.")


class Query(Type):
    """What can be asked."""

    class Meta:
        permission = SIGNED_IN
        description = None

    node = Field(Node, description="One object by its opaque id.", required=False, id=ID(required=True, description="The ID of the object"))
    project = Field(Project, description="One project by its number; null when the viewer may not see it.", required=False, number=Int(required=True))
    projects = Field(list_of(Project), description="Projects that the viewer may see.")
    viewer = Field(Viewer, description="Who is asking.")

    @staticmethod
    async def resolve_node(_root: None, info: PlaceInfo, id: str) -> object:  # noqa: A002 - the API's name
        request = info.context.request
        type_name, project_id, key = read_node_id(id) or ("", 0, "")
        kind = request.types.get(type_name)
        project = await _visible_project(info, project_id)
        if kind is None or project is None or Node not in kind._meta.interfaces:
            return None
        place = request.place_in(project)
        permission = kind._meta.permission
        if permission is not INHERITED and permission is not SIGNED_IN and not place.may(permission):
            raise Refused(f"You lack the permission {permission} for {type_name}. Ask a project's admin for it.", status=403)
        request.set_node(info.path, place, type_name)
        try:
            with request.blocking():
                found: Any = kind.get_node(key, PlaceInfo(place, info.path))
        except ValueError:
            return None
        return await found if isawaitable(found) else found

    @staticmethod
    def resolve_project(_root: None, info: PlaceInfo, number: int) -> Deferred[ProjectInfo] | None:
        return _visible_project(info, number)

    @staticmethod
    def resolve_projects(_root: None, info: PlaceInfo) -> Sequence[ProjectInfo]:
        return [project_info(row) for row in ProjectRow.objects.filter(id__in=info.context.viewer.roles).order_by("id")]

    @staticmethod
    def resolve_viewer(_root: None, info: Info) -> WhoAsks:
        return info.context.viewer


async def _visible_project(info: PlaceInfo, number: int) -> ProjectInfo | None:
    if number not in info.context.viewer.roles:
        return None
    return await info.context.loader(ProjectById).load(number)
