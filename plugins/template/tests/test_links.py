"""What the plugin does to events on their way in."""

from jackfield_sdk.testing import Stack, event


def test_a_link_gets_its_host(stack: Stack) -> None:
    stack.use("template")

    stack.capture(
        [
            event("clicked", "ada", link="https://Docs.Example.com/start?x=1"),
            event("clicked", "bob", link="http://[nonsense"),
            event("clicked", "cleo", link=7),
            event("clicked", "dan"),
        ]
    )

    properties = {str(found["distinct_id"]): found["properties"] for found in stack.events()}
    assert properties == {
        "ada": {"link": "https://Docs.Example.com/start?x=1", "link_host": "docs.example.com"},
        "bob": {"link": "http://[nonsense", "link_host": None},
        "cleo": {"link": 7, "link_host": None},
        "dan": {},
    }
