"""Loaders: a relation of many objects costs one statement, however many there are."""

import pytest

from jackfield_sdk import GraphQLPart, Permission, Refused

SEE = [Permission(name="team.member.view", summary="See members.")]


def members_part() -> GraphQLPart:
    """`Project.members { email projects { name } }`: a relation, and one below it that leads back."""

    def build():
        from jackfield.graphql.types import ProjectById
        from jackfield.projects.models import Membership
        from jackfield_sdk.graphql import INHERITED, Field, Loader, String, Type, extend, list_of

        class MembersOf(Loader):
            def fetch(self, keys):
                found = {}
                for row in Membership.objects.filter(project_id__in=keys).select_related("user").order_by("user__email"):
                    found.setdefault(row.project_id, []).append(row.user)
                return found

        class ProjectIdsOf(Loader):
            def fetch(self, keys):
                found = {}
                for user_id, project_id in Membership.objects.filter(user_id__in=keys).values_list("user_id", "project_id").order_by("project_id"):
                    found.setdefault(user_id, []).append(project_id)
                return found

        class Member(Type):
            class Meta:
                permission = INHERITED

            email = Field(String, description="E-mail.")
            first_project = Field(String, description="Name of the first project.", required=False)

            @staticmethod
            async def resolve_first_project(user, info):
                ids = await info.context.loader(ProjectIdsOf).load(user.id)
                project = await info.context.loader(ProjectById).load(ids[0])
                return project.name

        class ProjectFields:
            members = Field(list_of(Member), description="Who is in it.", permission="team.member.view")

            @staticmethod
            def resolve_members(project, info):
                return info.context.loader(MembersOf).load(project.id)

        return [extend("Project", ProjectFields)]

    return GraphQLPart(name="team", build=build)


@pytest.mark.parametrize("projects", [1, 5, 40])
def test_the_number_of_statements_does_not_grow(host_of, member, client_of, projects):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ann = member("ann@example.com", **{f"p{number}": "viewer" for number in range(projects)})
    member("bob@example.com", p0="viewer")
    client = client_of(host_of(team={"register_graphql": [members_part()], "register_permissions": SEE}), ann)
    client.data("{ viewer { email } }")  # notes the use of the key, once a minute

    with CaptureQueriesContext(connection) as statements:
        data = client.data("{ projects { name members { email firstProject } } }")

    assert len(data["projects"]) == projects
    assert data["projects"][0] == {
        "name": "p0",
        "members": [{"email": "ann@example.com", "firstProject": "p0"}, {"email": "bob@example.com", "firstProject": "p0"}],
    }
    # key, memberships, projects, members, their projects' numbers, those projects
    assert len(statements) == 6, [statement["sql"] for statement in statements]


def test_aliases_of_one_object_share_a_statement(host_of, member, client_of, number_of):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(host_of(), member("ann@example.com", one="viewer", two="viewer"))
    client.data("{ viewer { email } }")
    one, two = number_of("one"), number_of("two")

    with CaptureQueriesContext(connection) as statements:
        data = client.data(f"{{ a: project(number: {one}) {{ name }} b: project(number: {two}) {{ name }} c: project(number: {one}) {{ name }} }}")

    assert data == {"a": {"name": "one"}, "b": {"name": "two"}, "c": {"name": "one"}}
    assert len(statements) == 3


def test_a_loader_that_fails_fails_its_fields_alone(host_of, member, client_of):
    def build():
        from jackfield_sdk.graphql import Field, Int, Loader, extend

        class Broken(Loader):
            def fetch(self, keys):
                raise Refused("Not today.")

        class ProjectFields:
            count = Field(Int, description="A number.", permission="team.member.view", required=False)

            @staticmethod
            def resolve_count(project, info):
                return info.context.loader(Broken).load(project.id)

        return [extend("Project", ProjectFields)]

    team = {"register_graphql": [GraphQLPart(name="team", build=build)], "register_permissions": SEE}
    client = client_of(host_of(team=team), member("ann@example.com", one="viewer", two="viewer"))

    answer = client.ask("{ projects { name count } }")

    assert answer["data"]["projects"] == [{"name": "one", "count": None}, {"name": "two", "count": None}]
    assert [(error["message"], error["path"]) for error in answer["errors"]] == [
        ("Not today.", ["projects", 0, "count"]),
        ("Not today.", ["projects", 1, "count"]),
    ]


def test_an_async_resolver_may_not_touch_the_database_itself(host_of, member, client_of, caplog):
    def build():
        from jackfield.projects.models import Project
        from jackfield_sdk.graphql import Field, Int, extend

        class ProjectFields:
            count = Field(Int, description="A number.", permission="team.member.view", required=False)

            @staticmethod
            async def resolve_count(_project, _info):
                return Project.objects.count()

        return [extend("Project", ProjectFields)]

    team = {"register_graphql": [GraphQLPart(name="team", build=build)], "register_permissions": SEE}
    client = client_of(host_of(team=team), member("ann@example.com", one="viewer"))

    answer = client.ask("{ projects { count } }")

    assert answer["data"] == {"projects": [{"count": None}]}
    assert "SynchronousOnlyOperation" in caplog.text
