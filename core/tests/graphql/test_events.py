"""Events in the API."""

from jackfield_sdk.testing import Stack, event

QUERY = """query ($first: Int!, $after: String, $event: String) {
  project(number: 1) {
    events(first: $first, after: $after, event: $event) { nodes { uuid event properties timestamp } pageInfo { endCursor hasNextPage } }
  }
}"""


def pages(stack: Stack, **variables: object) -> list[list[str]]:
    """Walk all pages."""
    found: list[list[str]] = []
    after = None
    while True:
        page = stack.graphql(QUERY, {"after": after, **variables})["project"]["events"]  # type: ignore[index, call-overload, dict-item]
        found.append([node["uuid"] for node in page["nodes"]])
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def test_pages_hold_every_event_once_newest_first(stack: Stack) -> None:
    same_time = [{**event("a"), "timestamp": "2026-01-01T00:00:00Z"} for _ in range(5)]
    stack.capture([*same_time, {**event("b"), "timestamp": "2026-01-02T00:00:00Z"}])

    walked = pages(stack, first=2)

    uuids = [uuid for page in walked for uuid in page]
    assert [len(page) for page in walked] == [2, 2, 2]
    assert len(set(uuids)) == 6
    assert uuids[0] == next(found["uuid"] for found in stack.events() if found["event"] == "b")


def test_events_can_be_asked_for_by_name(stack: Stack) -> None:
    stack.capture([event("a", n=1), event("b")])

    answer = stack.graphql(QUERY, {"first": 10, "event": "a"})

    nodes = answer["project"]["events"]["nodes"]  # type: ignore[index, call-overload]
    assert [(node["event"], node["properties"]) for node in nodes] == [("a", {"n": 1})]  # type: ignore[index, union-attr, call-overload]
