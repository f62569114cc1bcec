"""`POST /v1/events` as a client sees it, on the fast lane and through plain ASGI."""

import gzip
import json
import time
from typing import Any
from uuid import UUID

import pytest

from core.tests.web.conftest import TOKEN, Server

GZIP = {"Content-Encoding": "gzip"}


def event(**members: Any) -> dict[str, Any]:
    return {"event": "signed up", "distinct_id": "ada", **members}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps([event(), event()]).encode(), {}),
        (json.dumps([event(), event()], indent=1).encode(), {}),
        (b"\xef\xbb\xbf" + json.dumps([event(), event()]).encode(), {}),
        (b"\n".join(json.dumps(event()).encode() for _ in range(2)), {}),
        (b"\r\n\r\n".join(json.dumps(event()).encode() for _ in range(2)) + b"\r\n", {}),
        (gzip.compress(json.dumps([event(), event()]).encode()), GZIP),
        (gzip.compress(json.dumps([event(), event()]).encode()), {}),
        (gzip.compress(json.dumps(event()).encode() + b"\n") + gzip.compress(json.dumps(event()).encode()) + b"\0" * 16, GZIP),
    ],
    ids=["array", "indented", "byte order mark", "lines", "windows lines", "gzip", "gzip unlabelled", "two gzip members and padding"],
)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/"])
def test_every_form_of_body_is_taken(server: Server, body: bytes, headers: dict[str, str], path: str) -> None:
    answer = server.send(body, headers=headers, path=path)

    assert (answer.status, answer.json) == (200, {"accepted": 2, "refused": []})
    assert answer.headers["content-type"] == "application/json"
    assert "server" not in answer.headers
    assert [(row["event"], row["distinct_id"]) for row in server.events()] == [("signed up", "ada")] * 2


def test_a_single_object_is_taken_chunked_and_whole(server: Server) -> None:
    body = json.dumps(event(properties={"plan": "é🙂"}))

    answers = [server.send(body), server.send(body, chunked=True), server.send(json.dumps(json.loads(body), indent=2))]

    assert [(answer.status, answer.json["accepted"]) for answer in answers] == [(200, 1)] * 3
    assert [row["properties"] for row in server.events()] == [{"plan": "é🙂"}] * 3


def test_an_event_is_stored_with_what_later_steps_need(server: Server) -> None:
    uuid = "0190AA3E-1234-7E5E-9E11-123456789ABC"

    server.send(
        json.dumps(event(uuid=uuid, timestamp="2026-01-02T03:04:05.678901+02:00", properties={"batch": [1], "$odd": None})),
        path="/v1/events?a=b",
        headers={"User-Agent": "test/1", "X-Secret": "s", "Content-Type": "application/json"},
    )

    (record,) = server.stored()
    assert (record.project_id, record.endpoint, record.path, record.query, record.client_ip) == (7, "core.events", "/v1/events", "a=b", "127.0.0.1")
    assert record.headers == {"user-agent": "test/1", "content-type": "application/json"}
    assert abs(record.received_at / 1e6 - time.time()) < 60
    (row,) = server.events()
    assert row["uuid"] == uuid.lower()
    assert row["timestamp"] == 1767315845678901
    assert row["created_at"] == record.received_at
    assert row["properties"] == {"batch": [1], "$odd": None}


def test_an_event_without_uuid_gets_the_same_one_each_time(server: Server) -> None:
    server.send(json.dumps([event(), event()]))

    first, second = ([row["uuid"] for row in server.events()] for _ in range(2))
    assert first == second
    assert len(set(first)) == 2
    assert {UUID(text).version for text in first} == {7}


def test_good_events_are_taken_and_bad_ones_named(server: Server) -> None:
    bad = [
        {"distinct_id": "ada"},
        event(distinct_id=None),
        event(uuid="x"),
        event(timestamp="yesterday"),
        event(properties=[]),
        event(distinct_id=3),
        7,
        event(event="e" * 201),
    ]

    answer = server.send(json.dumps([event(), *bad, event(uuid="", timestamp=None, properties=None)]))

    assert answer.status == 200
    assert answer.json["accepted"] == 2
    assert [(refusal["index"], refusal["reason"].split()[0]) for refusal in answer.json["refused"]] == [
        (1, "event"),
        (2, "distinct_id"),
        (3, "uuid"),
        (4, "timestamp"),
        (5, "properties"),
        (6, "distinct_id"),
        (7, "event"),
        (8, "event"),
    ]
    assert len(server.events()) == 2


def test_a_broken_line_costs_only_itself(server: Server) -> None:
    answer = server.send(json.dumps(event()) + "\n{oops\n" + json.dumps(event()))

    assert answer.json == {"accepted": 2, "refused": [{"index": 1, "reason": answer.json["refused"][0]["reason"]}]}
    assert answer.json["refused"][0]["reason"].startswith("line is not JSON")


def test_when_no_event_is_good_the_answer_is_400_and_nothing_is_stored(server: Server) -> None:
    answer = server.send(json.dumps([{"event": "e"}]))

    assert (answer.status, answer.json["error"]) == (400, "no event could be taken: distinct_id is missing or empty")
    assert server.stored() == []


@pytest.mark.parametrize("authorization", [None, "Bearer", "Basic x", "Bearer nonsense", "Bearer  "])
def test_without_a_known_token_the_answer_is_401(server: Server, authorization: str | None) -> None:
    answer = server.send(json.dumps(event()), headers={"Authorization": authorization})  # type: ignore[dict-item]

    assert answer.status == 401
    assert "Authorization: Bearer <project token>" in answer.json["error"]
    assert answer.headers["www-authenticate"] == "Bearer"
    assert server.stored() == []


def test_the_token_may_be_introduced_in_any_case(server: Server) -> None:
    assert server.send(json.dumps(event()), headers={"Authorization": f"bearer  {TOKEN} "}).status == 200


@pytest.mark.parametrize(
    ("body", "headers", "status", "text"),
    [
        (b"", {}, 400, "empty"),
        (b" \n ", {}, 400, "empty"),
        (b"[]", {}, 400, "no event"),
        (b"{oops", {}, 400, "not JSON"),
        (b'[{"event":"e","distinct_id":"d"}', {}, 400, "not JSON"),
        (b'[{"event":"e","distinct_id":"d"}] x', {}, 400, "not JSON"),
        (b'"text"', {}, 400, "no JSON object"),
        (b'{"event":"\xff"}', {}, 400, "UTF-8"),
        (gzip.compress(b"{}" * 1000)[:-9], GZIP, 400, "truncated"),
        (b"not gzip", GZIP, 400, "gzip"),
        (b"{}", {"Content-Encoding": "br"}, 415, "gzip"),
        (gzip.compress(b"[" + b" " * 120_000_000 + b"]", 1), GZIP, 413, "exceeds"),
        (b'{"event":"e","distinct_id":"d","properties":{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}}", {}, 400, "200 levels"),
        (b"[" * 10_000, {}, 400, "200 levels"),
        (b"[" + b"{}," * 60_000 + b"{}]", {}, 413, "50000 events"),
        (b"[" + b"{}," * 300_000 + b"{}]", {}, 413, "50000 events"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(server: Server, body: bytes, headers: dict[str, str], status: int, text: str) -> None:
    answer = server.send(body, headers=headers)

    assert answer.status == status
    assert text in answer.json["error"]
    assert server.stored() == []
    assert server.send(json.dumps(event())).status == 200


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r'{"a":"\ud83d"}', {"a": "\ufffd"}),
        (r'{"a":"\ude00x","\ud83d":1}', {"a": "\ufffdx", "\ufffd": 1}),
        (r'{"a":"\ud83d\ude00"}', {"a": "😀"}),
        ('{"a":NaN,"b":[-Infinity]}', {"a": None, "b": [None]}),
        ('{"a":1e400,"b":-1E+999,"c":1e300}', {"a": None, "b": None, "c": 1e300}),
        ('{"a":' + "9" * 400 + "}", {"a": None}),
        ('{"a":' + "9" * 5000 + "}", {"a": None}),
        ('{"a":1' + "0" * 250 + 'e99,"b":1' + "0" * 310 + ".5}", {"a": None, "b": None}),
        ('{"batch":[{"event":"x"}]}', {"batch": [{"event": "x"}]}),
        ('{"a":' + "[" * 198 + "]" * 198 + "}", None),
    ],
)
@pytest.mark.parametrize("spoilt", [False, True])
def test_odd_properties_arrive_as_clean_json(server: Server, written: str, meant: dict[str, Any] | None, spoilt: bool) -> None:
    text = '{"event":"e","distinct_id":"d","properties":' + written + "}"
    if spoilt:  # a neighbour that has to be read the slow way takes the others with it
        text = r'[{"event":"\ud83d","distinct_id":"d"},' + text + "]"

    assert server.send(text).json == {"accepted": 2 if spoilt else 1, "refused": []}

    assert server.events()[-1]["properties"] == (json.loads(written) if meant is None else meant)
    if spoilt:
        assert server.events()[0]["event"] == "\ufffd"


@pytest.mark.parametrize("neighbour", ["", r',{"event":"\ud83d","distinct_id":"d"}'])
def test_one_event_nested_too_deep_is_refused_alone(server: Server, neighbour: str) -> None:
    deep = '{"event":"e","distinct_id":"d","properties":{"a":' + "[" * 200 + "]" * 200 + "}}"

    answer = server.send("[" + deep + ',{"event":"e","distinct_id":"d"}' + neighbour + "]")

    assert answer.json["refused"] == [{"index": 0, "reason": "properties are nested deeper than 200 levels"}]


def test_a_large_body_is_taken_too(server: Server) -> None:
    events = [event(properties={"text": "x" * 900, "n": n}) for n in range(2500)]

    assert server.send(json.dumps(events)).json == {"accepted": 2500, "refused": []}
    assert server.send(gzip.compress(json.dumps(events).encode(), 0)).json == {"accepted": 2500, "refused": []}
    assert [row["properties"]["n"] for row in server.events()] == [*range(2500), *range(2500)]
