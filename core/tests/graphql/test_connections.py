"""Pages of what grows, and mutations."""

import pytest

from jackfield_sdk import GraphQLPart, Permission


def numbers_part() -> GraphQLPart:
    def build():
        from jackfield_sdk.graphql import INHERITED, SIGNED_IN, Boolean, Field, Int, Node, Type, after_key, connection, extend, page_of

        class Number(Type):
            class Meta:
                permission = "numbers.number.view"
                interfaces = (Node,)

            value = Field(Int, description="Its value.", permission=INHERITED)
            double = Field(lambda: Number, description="Twice as much.", permission=INHERITED)

            @staticmethod
            def resolve_double(number, _info):
                return row(number["value"] * 2)

            @staticmethod
            def get_node(key, info):
                return row(int(key)) if int(key) < 1000 * info.context.project.id else None

        class row(dict):  # noqa: N801 - a row
            def __init__(self, value):
                super().__init__(value=value)
                self.id = value

        class ProjectFields:
            numbers = connection(Number, description="Numbers.", permission="numbers.number.view", max_page=10)
            more_numbers = connection(Number, description="Numbers again.", permission="numbers.number.view", max_page=5)

            @staticmethod
            def resolve_numbers(_project, _info, first, after=None):
                start = int(after_key(after) or 0)
                return page_of([row(value) for value in range(start + 1, min(start + first + 1, 25) + 1)], first, lambda number: str(number["value"]))

        class MutationFields:
            forget = Field(Boolean, description="Forgets.", permission=SIGNED_IN)

            @staticmethod
            def resolve_forget(_root, _info):
                return True

        return [extend("Project", ProjectFields), extend("Mutation", MutationFields)]

    return GraphQLPart(name="numbers", build=build)


@pytest.fixture
def host(host_of):
    see = Permission(name="numbers.number.view", summary="See numbers.", role="editor")
    return host_of(numbers={"register_graphql": [numbers_part()], "register_permissions": [see]})


@pytest.fixture
def client(host, member, client_of):
    return client_of(host, member("ann@example.com", one="editor"))


WALK = "query ($after: String) { projects { numbers(first: 10, after: $after) { nodes { value } pageInfo { endCursor hasNextPage } } } }"


def test_pages_follow_one_another_to_the_end(client):
    seen, after, more = [], None, True
    while more:
        page = client.data(WALK, after=after)["projects"][0]["numbers"]
        seen.append([node["value"] for node in page["nodes"]])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert [len(values) for values in seen] == [10, 10, 5]
    assert [value for values in seen for value in values] == list(range(1, 26))


@pytest.mark.parametrize("first", [0, -1, 11, 1_000_000])
def test_a_page_has_a_size(client, first):
    answer = client.ask("query ($first: Int!) { projects { numbers(first: $first) { nodes { value } } } }", first=first)

    assert answer["errors"][0]["message"] == f"`first` of Project.numbers is {first}; it must be from 1 to 10."
    assert "is required" in client.ask("{ projects { numbers { nodes { value } } } }")["errors"][0]["message"]


@pytest.mark.parametrize("after", ["", "é", "====", "a"])
def test_a_cursor_that_is_none_is_refused_or_the_start(client, after):
    answer = client.ask(WALK, after=after)

    assert answer.get("errors") is None or answer["errors"][0]["extensions"]["code"] == "REFUSED"


def test_cost_grows_with_the_page(client):
    def cost(first):
        return client.ask(f"{{ projects {{ numbers(first: {first}) {{ nodes {{ double {{ value }} }} }} }} }}")["extensions"]["cost"]

    assert (cost(1), cost(10)) == (1 + 3, 1 + 30)
    by_variable = client.ask("query ($n: Int!) { projects { numbers(first: $n) { nodes { value } } } }", n=10)
    assert by_variable["extensions"]["cost"] == 1 + 20


def test_a_query_that_costs_too_much_is_refused(client):
    many = " ".join(f"n{number}: numbers(first: 10) {{ nodes {{ double {{ double {{ value }} }} }} }}" for number in range(60))

    assert client.ask(f"{{ projects {{ {many} }} }}")["errors"][0]["message"].startswith("The query costs 2401 points; 2000 are allowed.")


def test_nodes_of_a_plugin_are_found_within_their_project(host, client, member, client_of, number_of):
    ids = "{ projects { numbers(first: 1) { nodes { id } } } }"
    opaque = client.data(ids)["projects"][0]["numbers"]["nodes"][0]["id"]
    find = "query ($id: ID!) { node(id: $id) { __typename ... on Number { value } } }"

    assert client.data(find, id=opaque) == {"node": {"__typename": "Number", "value": 1}}
    assert client_of(host, member("bob@example.com", two="owner")).data(find, id=opaque) == {"node": None}
    weak = client_of(host, member("eve@example.com", one="viewer")).ask(find, id=opaque)
    assert (weak["data"], weak["errors"][0]["extensions"]["code"]) == ({"node": None}, "FORBIDDEN")


def test_a_key_that_makes_no_sense_finds_nothing(client, number_of):
    import base64

    opaque = base64.urlsafe_b64encode(f"Number:{number_of('one')}:x".encode()).decode()

    assert client.data("query ($id: ID!) { node(id: $id) { id } }", id=opaque) == {"node": None}


def test_mutations_are_there_once_a_plugin_has_one(client):
    assert client.data("mutation { forget }") == {"forget": True}


def test_introspection_is_bounded(client):
    deep = "{ __schema { types { " + "fields { type { " * 6 + "name" + " } }" * 6 + " } } }"

    response = client.post({"query": deep})

    assert response.status_code == 400
    assert "introspection" in response.json()["errors"][0]["message"].lower()
