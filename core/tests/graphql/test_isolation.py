"""Nobody sees what nobody showed them."""

import base64


def test_a_viewer_sees_their_own_projects_alone(host_of, member, client_of, number_of):
    ann, bob = member("ann@example.com", one="viewer", shared="viewer"), member("bob@example.com", two="owner", shared="editor")
    client = client_of(host_of(), ann)

    names = [project["name"] for project in client.data("{ projects { name } }")["projects"]]

    assert names == ["one", "shared"]
    assert client.data("query ($n: Int!) { project(number: $n) { token } }", n=number_of("two")) == {"project": None}
    assert client_of(host_of(), bob).data("{ viewer { email } projects { name } }") == {
        "viewer": {"email": "bob@example.com"},
        "projects": [{"name": "shared"}, {"name": "two"}],
    }


def test_an_id_opens_no_foreign_project(host_of, member, client_of, number_of):
    ann, bob = member("ann@example.com", one="viewer"), member("bob@example.com", two="owner")
    theirs = client_of(host_of(), bob).data("{ projects { id } }")["projects"][0]["id"]
    client = client_of(host_of(), ann)

    assert client.data("query ($id: ID!) { node(id: $id) { id } }", id=theirs) == {"node": None}

    one, two = number_of("one"), number_of("two")
    for forged in (f"Project:{one}:{two}", f"Project:{two}:{one}", f"Query:{one}:1", f"Nothing:{one}:1", "Project:x:1", "Project", ":::"):
        opaque = base64.urlsafe_b64encode(forged.encode()).decode()
        answer = client.data("query ($id: ID!) { node(id: $id) { ... on Project { number } } }", id=opaque)
        assert answer in ({"node": None}, {"node": {"number": one}}), forged
    for rubbish in ("", "é", "====", "a" * 5000):
        assert client.data("query ($id: ID!) { node(id: $id) { id } }", id=rubbish) == {"node": None}


def test_an_own_project_is_found_by_its_id(host_of, member, client_of):
    client = client_of(host_of(), member("ann@example.com", one="viewer"))
    project = client.data("{ projects { id number name } }")["projects"][0]

    found = client.data("query ($id: ID!) { node(id: $id) { __typename id ... on Project { number name } } }", id=project["id"])

    assert found == {"node": {"__typename": "Project", **project}}


def test_an_instance_admin_is_no_member_of_every_project(host_of, member, client_of, number_of):
    member("bob@example.com", two="owner")
    client = client_of(host_of(), member("ann@example.com", admin=True))

    assert client.data("query ($n: Int!) { projects { name } project(number: $n) { name } }", n=number_of("two")) == {"projects": [], "project": None}


def test_anonymous_requests_are_refused(host_of, metadata, client_of):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}):
        response = client_of(host_of()).post({"query": "{ __typename }"}, **headers)

        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert "data" not in response.json()


def test_the_key_of_a_locked_user_opens_nothing(host_of, member, client_of):
    from jackfield.projects.models import User

    key = member("ann@example.com", one="owner")
    User.objects.update(is_active=False)

    assert client_of(host_of(), key).post({"query": "{ viewer { email } }"}).status_code == 401
