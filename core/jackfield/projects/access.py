"""Decides who may do what: roles give permissions, a key's scopes narrow them, and what nobody granted is denied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from jackfield.projects.keys import find_key
from jackfield.projects.models import Membership, User
from jackfield_sdk import Permission
from jackfield_sdk.meta import Role

RANK: Final[Mapping[str, int]] = {"viewer": 0, "editor": 1, "admin": 2, "owner": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks.

    Args:
        roles: role by project; only members are in it.
        scopes: of the key that asks; None for a session, which is not narrowed.
    """

    user_id: UUID
    email: str
    is_instance_admin: bool
    roles: Mapping[int, Role]
    scopes: Sequence[str] | None = None


class Access:
    """The rules of one process: each permission and the least role that has it."""

    def __init__(self, permissions: Iterable[Permission]) -> None:
        self._least_role: dict[str, Role] = {permission.name: permission.role for permission in permissions}

    def __contains__(self, permission: str) -> bool:
        return permission in self._least_role

    def allows(self, viewer: Viewer, permission: str, project_id: int | None) -> bool:
        """Tell whether a viewer holds a permission, in a project or, with None, in the installation as a whole."""
        least = self._least_role.get(permission)
        if least is None or not _in_scope(viewer.scopes, permission):
            return False
        if project_id is None:
            return viewer.is_instance_admin
        role = viewer.roles.get(project_id)
        return role is not None and RANK[role] >= RANK[least]


def viewer_of_user(user: User, scopes: Sequence[str] | None = None) -> Viewer:
    """Return the viewer behind a session or key; reads memberships, one query."""
    roles = dict(Membership.objects.filter(user=user).values_list("project_id", "role"))
    return Viewer(user_id=user.id, email=user.email, is_instance_admin=user.is_instance_admin, roles=roles, scopes=scopes)  # type: ignore[arg-type]  # choices


def viewer_of_key(key: str) -> Viewer | None:
    """Return the viewer behind a personal API key, None when the key is unknown."""
    found = find_key(key)
    return None if found is None else viewer_of_user(found.user, [str(scope) for scope in found.scopes])


def _in_scope(scopes: Sequence[str] | None, permission: str) -> bool:
    if scopes is None:
        return True
    return any(scope in ("*", permission) or (scope.endswith(".*") and permission.startswith(scope[:-1])) for scope in scopes)
