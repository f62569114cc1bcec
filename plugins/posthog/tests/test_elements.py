"""Elements: from properties to the chain."""

import json
from pathlib import Path
from typing import Any

import pytest

from jackfield_posthog.elements import elements_chain

from .conftest import Decode, MakeRequest

FIXTURES = Path(__file__).parent / "fixtures"
CHAIN = 'a.x:text="say \\"hi\\""'


def _stored(properties: Any, request_of: MakeRequest, decoded: Decode) -> tuple[object, Any]:
    text = properties if isinstance(properties, str) else json.dumps(properties)
    body = f'{{"event":"e","distinct_id":"u","token":"phc_a","properties":{text}}}'.encode()
    batch = decoded(request_of(body, client_ip=""))
    return batch.column("elements_chain")[0], json.loads(batch.properties[0])


@pytest.mark.parametrize("name", ["12-dead-click", "87-nocompress-dead-click"])
def test_the_chain_is_the_one_that_posthog_js_itself_writes(name: str) -> None:
    recorded = json.loads((FIXTURES / "posthog-js" / f"{name}.json").read_text(encoding="utf-8"))
    properties = recorded["decoded"]["batch"][0]["properties"]

    assert elements_chain(properties["$elements"]) == properties["$elements_chain"]


@pytest.mark.parametrize(
    ("elements", "chain"),
    [
        ([], ""),
        ("x", ""),
        ([5, {"tag_name": "p"}], 'p:nth-child="0"nth-of-type="0"'),
        ([{"tag_name": "a", "attr__class": "b  a"}], 'a.a.b:attr__class="b  a"nth-child="0"nth-of-type="0"'),
        (
            [{"tag_name": "a", "attr__class": ["b", "a"]}],
            'a.a.b:attr__class="["b","a"]"nth-child="0"nth-of-type="0"'.replace('["b","a"]', '[\\"b\\",\\"a\\"]'),
        ),
        (
            [{"tag_name": "a", "attr__href": "/x", "attr__id": "i", "$el_text": 'a "b"', "nth_child": 2, "nth_of_type": 1}],
            'a:attr__href="/x"attr__id="i"attr_id="i"href="/x"nth-child="2"nth-of-type="1"text="a \\"b\\""',
        ),
        ([{"tag_name": "a", "$el_text": "t" * 401}], f'a:nth-child="0"nth-of-type="0"text="{"t" * 400}"'),
    ],
)
def test_elements_are_written_as_a_chain(elements: Any, chain: str) -> None:
    assert elements_chain(elements) == chain


@pytest.mark.parametrize(
    ("properties", "chain", "rest"),
    [
        pytest.param(f'{{"$elements_chain":{json.dumps(CHAIN)}}}', CHAIN, {}, id="alone"),
        pytest.param(f'{{"a":1,"$elements_chain":{json.dumps(CHAIN)},"b":2}}', CHAIN, {"a": 1, "b": 2}, id="in the middle"),
        pytest.param(f'{{"a":1,"$elements_chain":{json.dumps(CHAIN)}}}', CHAIN, {"a": 1}, id="at the end"),
        pytest.param(f'{{"$elements_chain":{json.dumps(CHAIN)},"b":2}}', CHAIN, {"b": 2}, id="at the start"),
        pytest.param(
            {"a": {"$elements_chain": "inner"}, "$elements_chain": CHAIN}, CHAIN, {"a": {"$elements_chain": "inner"}}, id="and a nested one"
        ),
        pytest.param({"a": {"$elements_chain": "inner"}}, "", {"a": {"$elements_chain": "inner"}}, id="only a nested one"),
        pytest.param({"a": '"$elements_chain":"x"', "$elements_chain": CHAIN}, CHAIN, {"a": '"$elements_chain":"x"'}, id="and one in a text"),
        pytest.param({"$elements_chain": CHAIN, "$elements": [{"tag_name": "p"}]}, CHAIN, {}, id="the text wins"),
        pytest.param({"$elements_chain": "", "$elements": [{"tag_name": "p"}]}, 'p:nth-child="0"nth-of-type="0"', {}, id="empty text"),
        pytest.param({"$elements_chain": 5, "a": 1}, "", {"a": 1}, id="no text"),
        pytest.param('{"$elements_chain":"a","$elements_chain":"b"}', "b", {}, id="twice"),
        pytest.param('{"\\u0024elements_chain":"a","x":1}', "a", {"x": 1}, id="in escapes"),
    ],
)
def test_elements_leave_properties(properties: Any, chain: str, rest: dict[str, object], request_of: MakeRequest, decoded: Decode) -> None:
    assert _stored(properties, request_of, decoded) == (chain, rest)
