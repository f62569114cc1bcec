"""Every field has a permission, and it is asked for where the field is."""

import pytest

from jackfield.errors import PluginProblem
from jackfield_sdk import GraphQLPart, Permission, ProjectInfo


def notes_part() -> GraphQLPart:
    def build():
        from jackfield_sdk.graphql import INHERITED, Field, String, Type, extend

        class Note(Type):
            class Meta:
                permission = INHERITED

            text = Field(String, description="Its text.")
            secret = Field(String, description="Its secret.", permission="notes.secret.view")

        class ProjectFields:
            note = Field(Note, description="The note.", permission="notes.note.view", required=False)

            @staticmethod
            def resolve_note(project: ProjectInfo, info):
                return {"text": f"of {info.context.project.name}", "secret": "s"}

        return [extend("Project", ProjectFields)]

    return GraphQLPart(name="notes", build=build)


NOTES = {
    "register_graphql": [notes_part()],
    "register_permissions": [
        Permission(name="notes.note.view", summary="See notes."),
        Permission(name="notes.secret.view", summary="See secrets.", role="admin"),
    ],
}


def test_a_role_decides_in_its_own_project_alone(host_of, member, client_of):
    client = client_of(host_of(notes=NOTES), member("ann@example.com", one="admin", two="viewer"))

    answer = client.ask("{ projects { name note { text secret } } }")

    assert answer["data"]["projects"] == [{"name": "one", "note": {"text": "of one", "secret": "s"}}, {"name": "two", "note": None}]
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(["projects", 1, "note", "secret"], "FORBIDDEN")]
    assert "notes.secret.view" in answer["errors"][0]["message"]


def test_a_key_is_narrowed_by_its_scopes(host_of, member, client_of):
    key = member("ann@example.com", scopes=["core.project.*", "notes.note.view"], one="owner")
    client = client_of(host_of(notes=NOTES), key)

    answer = client.ask("{ projects { name note { text } } other: projects { note { secret } } }")

    assert answer["data"] == {"projects": [{"name": "one", "note": {"text": "of one"}}], "other": [{"note": None}]}


def test_scopes_are_never_wider_than_the_holder(host_of, member, client_of):
    client = client_of(host_of(notes=NOTES), member("ann@example.com", scopes=["*", "notes.secret.view"], one="editor"))

    answer = client.ask("{ projects { note { secret } } }")

    assert answer["data"] == {"projects": [{"note": None}]}


def test_outside_projects_only_an_instance_admin_holds_permissions(host_of, member, client_of):
    def build():
        from jackfield_sdk.graphql import Field, Int, extend

        class QueryFields:
            load = Field(Int, description="Load.", permission="ops.load.view", required=False)

            @staticmethod
            def resolve_load(_root, _info):
                return 7

        return [extend("Query", QueryFields)]

    ops = {
        "register_graphql": [GraphQLPart(name="ops", build=build)],
        "register_permissions": [Permission(name="ops.load.view", summary="See load.")],
    }
    host = host_of(ops=ops)

    assert client_of(host, member("ann@example.com", one="owner")).ask("{ load }")["data"] == {"load": None}
    assert client_of(host, member("root@example.com", admin=True)).data("{ load }") == {"load": 7}


def refusal(host_of, client_of, **plugins):
    with pytest.raises(PluginProblem) as caught:
        client_of(host_of(**plugins))
    return caught.value


def part_of(extension_type, **members):
    def build():
        from jackfield_sdk.graphql import extend

        return [extend(extension_type, type("Fields", (), {name: make() for name, make in members.items()}))]

    return {"register_graphql": [GraphQLPart(name=f"part {sorted(members)}", build=build)]}


def field(**options):
    def make():
        from jackfield_sdk.graphql import Field, Int

        return Field(Int, description="A number.", **options)

    return make


def test_a_field_without_permission_refuses_the_start(host_of, client_of):
    problem = refusal(host_of, client_of, notes=part_of("Project", count=field()))

    assert problem.plugins == ("notes",)
    assert "Project.count of plugin 'notes' declares no permission" in str(problem)


def test_an_undeclared_permission_refuses_the_start(host_of, client_of):
    problem = refusal(host_of, client_of, notes=part_of("Project", count=field(permission="notes.count.view")))

    assert "demands the permission 'notes.count.view', which nobody declares" in str(problem)


def test_two_plugins_with_one_field_are_both_named(host_of, client_of):
    from jackfield_sdk.graphql import SIGNED_IN

    first, second = part_of("Project", note_count=field(permission=SIGNED_IN)), part_of("Project", noteCount=field(permission=SIGNED_IN))

    problem = refusal(host_of, client_of, alpha=first, beta=second)

    assert problem.plugins == ("alpha", "beta")
    assert "Project.noteCount is defined by both 'alpha' and 'beta'" in str(problem)
    assert "JACKFIELD_PLUGINS_DISABLED=beta" in str(problem)


def test_a_field_of_core_cannot_be_taken_over(host_of, client_of):
    problem = refusal(host_of, client_of, alpha=part_of("Project", token=field(permission="core.project.view")))

    assert problem.plugins == ("core", "alpha")


def test_two_types_of_one_name_are_a_clash_though_they_look_alike(host_of, client_of):
    def part(name):
        def build():
            from jackfield_sdk.graphql import SIGNED_IN, Field, Int, Type, extend

            class Note(Type):
                class Meta:
                    permission = SIGNED_IN

                length = Field(Int, description="How long.")

            return [extend("Query", type("Fields", (), {f"note_of_{name}": Field(Note, description="One.", permission=SIGNED_IN)}))]

        return {"register_graphql": [GraphQLPart(name=name, build=build)]}

    problem = refusal(host_of, client_of, alpha=part("alpha"), beta=part("beta"))

    assert "GraphQL type Note is defined by both 'alpha' and 'beta'" in str(problem)


def test_a_part_that_fails_is_named(host_of, client_of):
    def build():
        raise ValueError("no such table")

    problem = refusal(host_of, client_of, alpha={"register_graphql": [GraphQLPart(name="alpha", build=build)]})

    assert "GraphQL part 'alpha' of plugin 'alpha' failed: ValueError: no such table" in str(problem)


def test_fields_for_a_type_that_nobody_has_stay_away(host_of, member, client_of):
    from jackfield_sdk.graphql import SIGNED_IN

    client = client_of(host_of(alpha=part_of("Recording", count=field(permission=SIGNED_IN))), member("ann@example.com"))

    assert client.data("{ viewer { email } }") == {"viewer": {"email": "ann@example.com"}}
