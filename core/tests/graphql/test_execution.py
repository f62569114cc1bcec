"""Bounds, and errors that say no more than they may."""

import pytest

from jackfield_sdk import GraphQLPart, Refused, Retryable


@pytest.fixture
def client(host_of, member, client_of):
    return client_of(host_of(), member("ann@example.com", one="owner"))


def failing(problem: Exception) -> dict:
    def build():
        from jackfield_sdk.graphql import SIGNED_IN, Field, Int, extend

        class QueryFields:
            fails = Field(Int, description="Fails.", permission=SIGNED_IN, required=False)

            @staticmethod
            def resolve_fails(_root, _info):
                raise problem

        return [extend("Query", QueryFields)]

    return {"register_graphql": [GraphQLPart(name="failing", build=build)]}


@pytest.mark.parametrize(
    ("problem", "message", "extensions"),
    [
        (Refused("Days must be fewer."), "Days must be fewer.", {"code": "REFUSED"}),
        (Retryable("The store starts.", retry_after_seconds=3), "The store starts.", {"code": "UNAVAILABLE", "retryAfterSeconds": 3}),
    ],
)
def test_what_was_raised_on_purpose_is_told(host_of, member, client_of, problem, message, extensions):
    answer = client_of(host_of(failing=failing(problem)), member("ann@example.com")).ask("{ fails viewer { email } }")

    assert answer["data"] == {"fails": None, "viewer": {"email": "ann@example.com"}}
    assert [(error["message"], error["path"], error["extensions"]) for error in answer["errors"]] == [(message, ["fails"], extensions)]


def test_an_accident_becomes_an_id_that_the_log_explains(host_of, member, client_of, caplog):
    answer = client_of(host_of(failing=failing(KeyError("password of ann"))), member("ann@example.com")).ask("{ fails }")

    [error] = answer["errors"]
    assert error["message"] == "Internal error"
    assert error["extensions"]["code"] == "INTERNAL"
    assert "password" not in str(answer)
    assert error["extensions"]["id"] in caplog.text
    assert "password of ann" in caplog.text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ viewer {", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("query A { viewer { email } } query B { viewer { email } }", "operationName"),
        ("{ projects { ...A } } fragment A on Project { ...A }", "Cannot spread fragment 'A' within itself"),
        ("{" * 3900, "Syntax Error"),
        ("query { viewer { email } } " + "# \n" * 10 + "query {" + " a: __typename" * 2000 + "}", "more than 4000 tokens"),
        ("{" + " ".join(f"p{number}: projects {{ name }}" for number in range(900)) + "}", "tokens"),
    ],
)
def test_what_cannot_be_run_is_refused_before_it_runs(client, query, message):
    response = client.post({"query": query})

    assert response.status_code == 400
    assert message in response.json()["errors"][0]["message"]
    assert "data" not in response.json()


def test_fragments_that_double_are_measured_once_each(client):
    doubling = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))

    response = client.post({"query": "{ ...F0 } " + doubling + " fragment F40 on Query { viewer { email } }"})

    assert response.status_code == 400
    assert "points" in response.json()["errors"][0]["message"]


def test_depth_is_bounded(host_of, member, client_of):
    def build():
        from jackfield_sdk.graphql import SIGNED_IN, Field, Int, Type, extend

        class Down(Type):
            class Meta:
                permission = SIGNED_IN

            down = Field(lambda: Down, description="Deeper.", required=False)
            level = Field(Int, description="A number.", required=False)

        return [extend("Query", type("Fields", (), {"down": Field(Down, description="Down.", permission=SIGNED_IN, required=False)}))]

    client = client_of(host_of(down={"register_graphql": [GraphQLPart(name="down", build=build)]}), member("ann@example.com"))

    def nested(levels: int) -> str:
        return "{ down " * (levels - 1) + "{ down { level } }" + " }" * (levels - 1)

    assert client.ask(nested(11))["data"] == {"down": None}
    assert client.ask(nested(12))["errors"][0]["message"] == "The query is 13 levels deep; 12 are allowed. Ask in several queries."


def test_cost_is_told_and_bounded(client):
    assert client.ask("{ viewer { email } projects { name } }")["extensions"] == {"cost": 2}

    many = "{" + " ".join(f"p{number}: projects {{ name }}" for number in range(500)) + "}"
    assert client.ask(many)["extensions"] == {"cost": 500}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 415),
        (b"[]", 400),
        (b"{", 400),
        (b'{"query": 1}', 400),
        (b'{"query": "{a}", "variables": []}', 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
    ],
)
def test_bodies_that_are_no_request(client, body, status):
    response = client.post(body)

    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"] == {"code": "REFUSED"}


def test_a_body_that_is_too_large(client):
    assert client.post({"query": "{ viewer { email } }" + " " * 2_000_000}).status_code == 413


def test_introspection_is_answered(client):
    from graphql import build_client_schema, get_introspection_query

    schema = build_client_schema(client.data(get_introspection_query()))

    assert "Project" in schema.type_map


def test_variables_of_the_wrong_type_are_refused(client):
    answer = client.ask("query ($n: Int!) { project(number: $n) { name } }", n="one")

    assert answer["errors"][0]["extensions"] == {"code": "INVALID"}
