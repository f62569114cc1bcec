"""Which events are good: names, ids, uuids and tokens, and that a bad event costs no other."""

import json
from typing import Any

import pytest

from jackfield_posthog.capture import CAPTURE
from jackfield_sdk import Envelope, Refusal, Refused

from .conftest import Decode, MakeRequest

TOKEN = "phc_a"
UUID = "01a202fc-de97-7faf-bd9b-61977d55a29f"


def _event(**members: Any) -> dict[str, Any]:
    return {"event": "seen", "distinct_id": "u", **members}


def _batch(*events: Any, **members: Any) -> bytes:
    return json.dumps({"api_key": TOKEN, "batch": events, **members}).encode()


def test_good_events_are_taken_and_bad_ones_named(request_of: MakeRequest, decoded: Decode) -> None:
    request = request_of(
        _batch(
            _event(event="first"),
            _event(event=""),
            {"distinct_id": "u"},
            {"event": "nobody"},
            _event(uuid="5"),
            7,
            _event(properties=[1]),
            _event(properties={"$cookieless_mode": "yes"}),
            _event(**{"$set": 5}),
            _event(event=5),
            _event(event="last"),
        )
    )

    envelope = CAPTURE.inspect(request)
    batch = decoded(request)

    assert envelope == Envelope(
        token=TOKEN,
        count=2,
        refusals=(
            Refusal(1, "event submitted with an empty event name"),
            Refusal(2, "failed to hydrate events from request: missing event name"),
            Refusal(3, "event submitted without a distinct_id"),
            Refusal(4, "failed to parse request: uuid is not a UUID"),
            Refusal(5, "failed to hydrate events from request: Expected `object`, got `int`"),
            Refusal(6, "failed to hydrate events from request: properties are not an object"),
            Refusal(7, "failed to hydrate events from request: $cookieless_mode is not a boolean"),
            Refusal(8, "failed to hydrate events from request: $set and $set_once must be objects"),
            Refusal(9, "failed to hydrate events from request: Expected `str | null`, got `int` - at `$.event`"),
        ),
    )
    assert list(zip(batch.index, batch.event, strict=True)) == [(0, "first"), (10, "last")]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (_batch(_event(event=""), 7), 400, "event submitted with an empty event name"),
        (_batch(_event(distinct_id="  ")), 400, "event submitted without a distinct_id"),
        (_batch(), 400, "request holds no event"),
        (b"[]", 400, "request holds no event"),
        (b"{}", 401, "event submitted without an api_key"),
        (b'"text"', 400, "failed to parse request: Expected `object`, got `str`"),
        (b"{", 400, "failed to parse request: Input data was truncated"),
        (b"{'event'}", 400, "failed to parse request: JSON is malformed: object keys must be strings (byte 1)"),
        (b'{"event":"\xff"}', 400, "failed to decode request: invalid UTF-8 at byte 10"),
        (b'{"event":"\xed\xa0\x80"}', 400, "failed to decode request: invalid UTF-8 at byte 10"),
        (b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, "failed to parse request: nested deeper than 200 levels"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "failed to parse request: nested deeper than 200 levels"),
        (_batch(_event(properties=json.loads("[" * 250 + "]" * 250))), 400, "failed to parse request: nested deeper than 200 levels"),
        (_batch(_event(distinct_id=json.loads("[" * 250 + "]" * 250))), 400, "failed to parse request: nested deeper than 200 levels"),
        (_batch(_event(properties={"a": "x" * 1_000_000})), 413, "maximum event size exceeded"),
    ],
)
def test_if_nothing_is_good_the_answer_is_the_first_reason(body: bytes, status: int, message: str, request_of: MakeRequest) -> None:
    with pytest.raises(Refused) as refused:
        CAPTURE.inspect(request_of(body))

    assert (str(refused.value), refused.value.status) == (message, status)


def test_brackets_in_strings_and_many_events_are_not_depth(request_of: MakeRequest) -> None:
    wide = [_event(properties={"list": [[1], [2], {}], "text": '[[{{"\\'}) for _ in range(300)]
    strings = _event(properties={"text": "[" * 1000, "escaped": '\\"[[[[' * 100, "list": [[]] * 500})

    assert CAPTURE.inspect(request_of(_batch(*wide))).count == 300
    assert CAPTURE.inspect(request_of(_batch(strings))).count == 1


def test_ten_thousand_bad_events_sink_their_request(request_of: MakeRequest) -> None:
    for bad in (7, {"event": "nobody"}):
        assert CAPTURE.inspect(request_of(_batch(_event(), *[bad] * 10_000))).count == 1
        with pytest.raises(Refused):
            CAPTURE.inspect(request_of(_batch(_event(), *[bad] * 10_001)))


def test_one_event_too_large_costs_no_other(request_of: MakeRequest, decoded: Decode) -> None:
    request = request_of(
        _batch(_event(properties={"a": "x" * 1_000_000}), _event(), _event(event="$ai_generation", properties={"a": "x" * 1_000_000}))
    )

    assert CAPTURE.inspect(request) == Envelope(token=TOKEN, count=2, refusals=(Refusal(0, "maximum event size exceeded"),))
    assert list(decoded(request).index) == [1, 2]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"distinct_id": " u "}, " u "),
        ({"distinct_id": "x" * 201}, "x" * 200),
        ({"distinct_id": "é" * 201}, "é" * 200),
        ({"distinct_id": "a\0b"}, "a\ufffdb"),
        ({"distinct_id": 5}, "5"),
        ({"distinct_id": 1.5}, "1.5"),
        ({"distinct_id": False}, "false"),
        ({"distinct_id": {"a": [1, None]}}, '{"a":[1,null]}'),
        ({"distinct_id": None, "$distinct_id": "v"}, "v"),
        ({"distinct_id": None, "properties": {"distinct_id": 7}}, "7"),
        ({"properties": {"distinct_id": "other"}}, "u"),
    ],
)
def test_a_distinct_id_is_text_of_at_most_200_characters(members: dict[str, Any], expected: str, request_of: MakeRequest, decoded: Decode) -> None:
    assert decoded(request_of(_batch(_event(**members)))).distinct_id == [expected]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (UUID, UUID),
        (UUID.upper(), UUID),
        (UUID.replace("-", ""), UUID),
        ("{" + UUID + "}", UUID),
        ("urn:uuid:" + UUID, UUID),
    ],
)
def test_uuids_are_kept_in_their_usual_spelling(sent: str, expected: str, request_of: MakeRequest, decoded: Decode) -> None:
    assert list(decoded(request_of(_batch(_event(uuid=sent)))).uuid) == [expected]


@pytest.mark.parametrize("absent", [{}, {"uuid": ""}, {"uuid": None}])
def test_a_missing_uuid_is_derived_from_record_place_and_time(absent: dict[str, Any], request_of: MakeRequest, decoded: Decode) -> None:
    request = request_of(_batch(_event(**absent), _event(**absent)), received_at=1_795_346_457_000_000)

    first, second = decoded(request).uuid

    assert first != second
    assert [first, second] == list(decoded(request).uuid)
    assert first.startswith("01a202fc-e1a8-7")  # the milliseconds, and version 7


def test_names_are_cut_and_performance_events_vanish(request_of: MakeRequest, decoded: Decode) -> None:
    request = request_of(_batch(_event(event="$performance_event"), _event(event="n" * 201)))
    nothing_left = request_of(_batch(_event(event="$performance_event")))

    assert decoded(request).event == ["n" * 200]
    assert list(decoded(request).index) == [1]
    assert CAPTURE.inspect(request) == Envelope(token=TOKEN, count=1)
    assert CAPTURE.inspect(nothing_left) == Envelope(token=TOKEN, count=0)


def test_engage_names_what_has_no_name(request_of: MakeRequest, decoded: Decode) -> None:
    request = request_of(json.dumps({"$token": TOKEN, "$distinct_id": "u", "$set": {"plan": "free"}}).encode(), path="/engage/")

    assert CAPTURE.inspect(request) == Envelope(token=TOKEN, count=1)
    batch = decoded(request)
    assert (batch.event, batch.distinct_id) == (["$identify"], ["u"])
    assert json.loads(batch.properties[0])["$set"] == {"plan": "free"}


def test_a_property_named_batch_makes_no_batch(request_of: MakeRequest, decoded: Decode) -> None:
    properties = {"batch": [{"event": "fake", "distinct_id": "v"}], "api_key": "phc_b"}
    request = request_of(json.dumps(_event(token=TOKEN, properties=properties)).encode())

    assert CAPTURE.inspect(request) == Envelope(token=TOKEN, count=1)
    assert json.loads(decoded(request).properties[0]) == {**properties, "$ip": "203.0.113.7"}


# -- tokens --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (_batch(_event(token="phc_b")), "phc_a"),
        (json.dumps({"token": " phc_t ", "batch": [_event()]}).encode(), "phc_t"),
        (json.dumps({"batch": [_event(api_key="phc_b"), _event()]}).encode(), "phc_b"),
        (json.dumps([_event(token="phc_b"), _event(properties={"token": "phc_b"})]).encode(), "phc_b"),
        (json.dumps(_event(**{"$token": "phc_b"})).encode(), "phc_b"),
        (json.dumps([7, _event(token="x" * 64)]).encode(), "x" * 64),
    ],
)
def test_the_token_is_found(body: bytes, token: str, request_of: MakeRequest) -> None:
    assert CAPTURE.inspect(request_of(body)).token == token


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "API key is not valid: empty"),
        ("  ", "API key is not valid: empty"),
        ("x" * 65, "API key is not valid: too_long"),
        ("phc_ä", "API key is not valid: not_ascii"),
        ("phx_mine", "API key is not valid: personal_api_key"),
        ("phc\0", "API key is not valid: null_byte"),
        (None, "event submitted without an api_key"),
    ],
)
def test_tokens_that_no_project_can_have_are_refused(token: str | None, reason: str, request_of: MakeRequest) -> None:
    with pytest.raises(Refused) as refused:
        CAPTURE.inspect(request_of(json.dumps({"api_key": token, "batch": [_event()]}).encode()))

    assert (str(refused.value), refused.value.status) == (reason, 401)


def test_events_of_an_array_must_agree_on_the_token(request_of: MakeRequest) -> None:
    with pytest.raises(Refused) as refused:
        CAPTURE.inspect(request_of(json.dumps([_event(token="phc_a"), _event(token="phc_b")]).encode()))

    assert (str(refused.value), refused.value.status) == ("batch submitted with inconsistent api_key values", 401)


def test_a_token_in_query_or_headers_is_not_looked_at(request_of: MakeRequest) -> None:
    request = request_of(json.dumps(_event()).encode(), query="token=phc_a&api_key=phc_a", headers={"authorization": "Bearer phc_a"})

    with pytest.raises(Refused, match="event submitted without an api_key"):
        CAPTURE.inspect(request)


EMPTY_EVENTS = b"[" + b"{}," * 600_000 + b"{}]"
EMPTY_LISTS = b'{"api_key":"k","batch":[' + b"[]," * 600_000 + b"[]]}"


@pytest.mark.parametrize("text", [EMPTY_EVENTS, EMPTY_LISTS], ids=["events", "lists"])
def test_a_body_of_countless_empty_things_is_refused_before_they_are_made(text: bytes, request_of: MakeRequest) -> None:
    with pytest.raises(Refused, match="more than 500000 objects and arrays") as refused:
        CAPTURE.inspect(request_of(text))

    assert refused.value.status == 413
