"""Persons in the API."""

from jackfield_sdk.identity import person_uuid
from jackfield_sdk.testing import Stack, event

PERSONS = """query($number: Int!, $first: Int!, $after: String, $search: String) {
  project(number: $number) { persons(first: $first, after: $after, search: $search) {
    nodes { uuid distinctIds properties createdAt } pageInfo { endCursor hasNextPage } } } }"""
EVENTS = "query($number: Int!) { project(number: $number) { events(first: 100) { nodes { distinctId person { uuid distinctIds properties } } } } }"


def persons(stack: Stack, first: int = 10, **arguments: str):
    answer = stack.graphql(PERSONS, {"number": stack.project.id, "first": first, **arguments})
    return answer["project"]["persons"]  # type: ignore[index, call-overload]


def test_a_person_as_the_api_shows_it(stack: Stack) -> None:
    stack.capture([event("looked", **{"$set": {"plan": "big", "deep": {"a": [1]}}}) | {"timestamp": "2026-01-02T03:04:05.678901Z"}])

    assert persons(stack)["nodes"] == [
        {
            "uuid": person_uuid(stack.project.id, "ada"),
            "distinctIds": ["ada"],
            "properties": {"plan": "big", "deep": {"a": [1]}},
            "createdAt": "2026-01-02T03:04:05.678901Z",
        }
    ]


def test_pages_of_persons_go_from_the_newest_to_the_oldest_without_gap(stack: Stack) -> None:
    moments = ["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-02", "2026-01-02"]
    stack.capture([event("looked", f"p{number}") | {"timestamp": f"{day}T00:00:00Z"} for number, day in enumerate(moments)])

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = persons(stack, 2, **cursor)
        seen += [name for node in page["nodes"] for name in node["distinctIds"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        cursor = {"after": page["pageInfo"]["endCursor"]}

    assert (seen[0], sorted(seen[1:4]), seen[4]) == ("p0", ["p2", "p3", "p4"], "p1")


def test_persons_are_found_by_name_and_address(stack: Stack) -> None:
    stack.capture(
        [
            event("looked", "ada", **{"$set": {"email": "Countess@example.com"}}),
            event("looked", "bob", **{"$set": {"name": "Robert", "email": None}}),
            event("looked", "100%", **{"$set": {"other": "ada"}}),
        ]
    )

    def found(search: str) -> list[str]:
        return sorted(name for node in persons(stack, search=search)["nodes"] for name in node["distinctIds"])

    texts = ("AD", "countess@", "obert", "%", "", "nobody")
    assert [found(text) for text in texts] == [["ada"], ["ada"], ["bob"], ["100%"], ["100%", "ada", "bob"], []]


def test_a_page_of_events_asks_once_for_its_persons(stack: Stack) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(first: int) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            answer = stack.graphql(EVENTS.replace("100", str(first)), {"number": stack.project.id})
        nodes = answer["project"]["events"]["nodes"]  # type: ignore[index, call-overload]
        assert [(node["person"]["distinctIds"], node["person"]["properties"]) for node in nodes] == [
            ([node["distinctId"]], {"name": node["distinctId"]}) for node in nodes
        ]
        assert len(nodes) == first
        return [statement["sql"] for statement in captured if "persons_" in statement["sql"]]

    stack.capture([event("looked", f"p{number}", **{"$set": {"name": f"p{number}"}}) for number in range(40)])  # type: ignore[arg-type]

    assert len(statements(2)) == len(statements(40)) == 2  # persons, and their distinct_ids


def test_an_event_without_a_person_has_none(stack: Stack) -> None:
    stack.capture([event("looked", **{"$process_person_profile": False})])

    answer = stack.graphql(EVENTS, {"number": stack.project.id})

    assert answer == {"project": {"events": {"nodes": [{"distinctId": "ada", "person": None}]}}}


def test_a_person_is_found_by_its_opaque_id(stack: Stack) -> None:
    stack.capture([event("looked")])
    answer = stack.graphql("{ projects { persons(first: 1) { nodes { id } } } }")
    id_ = answer["projects"][0]["persons"]["nodes"][0]["id"]  # type: ignore[index, call-overload]

    found = stack.graphql("query($id: ID!) { node(id: $id) { id ... on Person { distinctIds } } }", {"id": id_})

    assert found == {"node": {"id": id_, "distinctIds": ["ada"]}}
