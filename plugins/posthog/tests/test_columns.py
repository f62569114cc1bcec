"""What is stored of an event: properties the store can read, and the columns beside them."""

import json

import pytest

from .conftest import Decode, MakeRequest

IP = {"$ip": "203.0.113.7"}
SESSION = "01a202fc-deb3-7b92-99ab-19688637f5ca"
NIL = "00000000-0000-0000-0000-000000000000"


def _body(properties: str, root: str = "") -> bytes:
    return f'{{"api_key":"phc_a","batch":[{{"event":"e","distinct_id":"u"{root},"properties":{properties}}}]}}'.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param("null", IP, id="null"),
        pytest.param("{}", IP, id="empty"),
        pytest.param("{ \n}", IP, id="empty with spaces"),
        pytest.param('{"a":1 }', {"a": 1, **IP}, id="space before the end"),
        pytest.param('{"$ip":"9.9.9.9"}', {"$ip": "9.9.9.9"}, id="$ip given"),
        pytest.param('{"$ip":null}', {"$ip": None}, id="$ip given as null"),
        pytest.param('{"\\u0024ip":"9.9.9.9"}', {"$ip": "9.9.9.9"}, id="$ip given in escapes"),
        pytest.param('{"a":{"$ip":"9.9.9.9"}}', {"a": {"$ip": "9.9.9.9"}, **IP}, id="$ip nested"),
        pytest.param('{"a":"\\"$ip\\":"}', {"a": '"$ip":', **IP}, id="$ip in a text"),
        pytest.param('{"a":NaN,"b":[Infinity,-Infinity]}', {"a": None, "b": [None, None], **IP}, id="NaN"),
        pytest.param('{"a":"NaN"}', {"a": "NaN", **IP}, id="NaN as text"),
        pytest.param('{"a":1e400,"b":[1,-2E+999],"c":1e10}', {"a": None, "b": [1, None], "c": 1e10, **IP}, id="huge numbers"),
        pytest.param('{"a": 1e400 }', {"a": None, **IP}, id="huge number between spaces"),
        pytest.param('{"a":1' + "0" * 310 + '.5,"b":1' + "0" * 250 + "e99}", {"a": None, "b": None, **IP}, id="huge numbers of many digits"),
        pytest.param('{"a":"1e400"}', {"a": "1e400", **IP}, id="huge number as text"),
        pytest.param('{"a":123456789012345678901234567890}', {"a": 123456789012345678901234567890, **IP}, id="long integer"),
        pytest.param(
            '{"a":"\\ud83d","b":"\\ude00\\ud83d\\ude00","c":"\\\\ud83d"}', {"a": "\ufffd", "b": "\ufffd😀", "c": "\\ud83d", **IP}, id="half pairs"
        ),
        pytest.param('{"\\uD800":1}', {"\ufffd": 1, **IP}, id="half pair in a key"),
    ],
)
def test_properties_are_json_that_every_parser_reads(properties: str, expected: dict[str, object], request_of: MakeRequest, decoded: Decode) -> None:
    stored = decoded(request_of(_body(properties))).properties[0]

    assert json.loads(stored) == expected


def test_a_bom_is_taken_away(request_of: MakeRequest, decoded: Decode) -> None:
    assert decoded(request_of(b"\xef\xbb\xbf" + _body("{}"))).event == ["e"]


def test_without_a_sender_there_is_no_ip(request_of: MakeRequest, decoded: Decode) -> None:
    assert decoded(request_of(_body('{"a":1}'), client_ip="")).properties == [b'{"a":1}']


def test_the_text_is_left_as_it_came_but_for_the_ip(request_of: MakeRequest, decoded: Decode) -> None:
    stored = decoded(request_of(_body('{"b": 1.10, "a":"\\u00e9",  "n":5.0}'))).properties[0]

    assert stored == b'{"b": 1.10, "a":"\\u00e9",  "n":5.0,"$ip":"203.0.113.7"}'


@pytest.mark.parametrize(
    ("root", "properties", "expected"),
    [
        (',"$set":{"a":1}', "{}", {"$set": {"a": 1}}),
        (',"$set":{"a":1},"$set_once":{"b":2}', '{"c":3}', {"c": 3, "$set": {"a": 1}, "$set_once": {"b": 2}}),
        (',"$set":{"a":1}', '{"$set":{"a":0,"z":9}}', {"$set": {"a": 1, "z": 9}}),
        (',"$set":{"a":1}', '{"$set":"text"}', {"$set": {"a": 1}}),
        (',"$set":{"a":1}', '{"\\u0024set":{"z":9}}', {"$set": {"a": 1, "z": 9}}),
        (',"$set":{"a":1}', '{"nested":{"$set":{"z":9}}}', {"nested": {"$set": {"z": 9}}, "$set": {"a": 1}}),
        (',"$set":null', '{"$set":{"z":9}}', {"$set": {"z": 9}}),
        (',"$set":{"a":1e400}', "{}", {"$set": {"a": None}}),
    ],
)
def test_sets_of_the_root_go_over_those_in_properties(
    root: str, properties: str, expected: dict[str, object], request_of: MakeRequest, decoded: Decode
) -> None:
    stored = decoded(request_of(_body(properties, root))).properties[0]

    assert json.loads(stored) == {**expected, **IP}


@pytest.mark.parametrize(
    ("properties", "session"),
    [
        (f'{{"$session_id":"{SESSION}"}}', SESSION),
        (f'{{"$session_id":"{SESSION.upper()}"}}', SESSION),
        ('{"$session_id":"mine"}', NIL),
        ('{"$session_id":5}', NIL),
        ("{}", NIL),
    ],
)
def test_the_session_is_a_column_if_it_is_a_uuid(properties: str, session: str, request_of: MakeRequest, decoded: Decode) -> None:
    assert decoded(request_of(_body(properties))).session_id == [session]


def test_each_event_has_its_own_session(request_of: MakeRequest, decoded: Decode) -> None:
    other = SESSION.replace("0", "a")
    sessions = [SESSION, SESSION, None, other, SESSION, "mine"]
    events = [{"event": "e", "distinct_id": "u", "properties": {"$session_id": session}} for session in sessions]

    batch = decoded(request_of(json.dumps({"api_key": "phc_a", "batch": events}).encode()))

    assert batch.session_id == [SESSION, SESSION, NIL, other, SESSION, NIL]


def test_the_envelope_is_filled(request_of: MakeRequest, decoded: Decode) -> None:
    batch = decoded(request_of(_body("{}"), received_at=1_795_346_457_123_456))

    assert (list(batch.project_id), batch.created_at, batch.timestamp) == ([3], [1_795_346_457_123_456], [1_795_346_457_123_456])
