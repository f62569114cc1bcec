"""Roles, scopes, and what nobody granted."""

from uuid import UUID

import pytest

from jackfield_sdk import Permission

PERMISSIONS = [
    Permission(name="notes.note.view", summary=""),
    Permission(name="notes.note.edit", summary="", role="editor"),
    Permission(name="notes.note.delete", summary="", role="owner"),
]


@pytest.fixture
def allows(django):
    from jackfield.projects.access import Access, Viewer

    access = Access(PERMISSIONS)

    def ask(permission, *, project=1, roles=None, scopes=None, admin=False):
        viewer = Viewer(user_id=UUID(int=1), email="", is_instance_admin=admin, roles=roles or {}, scopes=scopes)
        return access.allows(viewer, permission, project)

    return ask


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        ("viewer", ["notes.note.view"]),
        ("editor", ["notes.note.view", "notes.note.edit"]),
        ("admin", ["notes.note.view", "notes.note.edit"]),
        ("owner", ["notes.note.view", "notes.note.edit", "notes.note.delete"]),
    ],
)
def test_a_role_has_what_it_has_at_least(allows, role, granted):
    assert [permission.name for permission in PERMISSIONS if allows(permission.name, roles={1: role})] == granted


def test_unknown_permissions_foreign_projects_and_strangers_are_denied(allows):
    assert not allows("notes.note.print", roles={1: "owner"})
    assert not allows("notes.note.view", project=2, roles={1: "owner"})
    assert not allows("notes.note.view", admin=True)
    assert not allows("notes.note.view", project=None, roles={1: "owner"})
    assert allows("notes.note.view", project=None, admin=True)


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (None, True),
        ([], False),
        (["*"], True),
        (["notes.note.view"], True),
        (["notes.note.*"], True),
        (["notes.*"], True),
        (["notes.note.edit"], False),
        (["notes"], False),
        (["note.*"], False),
        (["notes.note.vie*"], False),
        ([".*"], False),
    ],
)
def test_scopes_narrow(allows, scopes, allowed):
    assert allows("notes.note.view", roles={1: "owner"}, scopes=scopes) is allowed
