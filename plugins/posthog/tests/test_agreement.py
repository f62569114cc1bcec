"""What must hold for every body: web worker and engine see the same events, and the store can read what they bring."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jackfield_posthog.capture import CAPTURE
from jackfield_sdk import Refused

from .conftest import Decode, MakeRequest

ODD_TEXT = st.one_of(
    st.sampled_from(["", " ", "$pageview", "$performance_event", "\0", "NaN", ":e:", "a\\u0024", "é€😀", "x" * 201, "$ip", '"$ip":', "[[{{"]),
    st.text(st.characters(codec=None), max_size=8),  # lone surrogates are among them
)
ODD_NUMBER = st.one_of(st.integers(), st.floats(), st.just(10**40), st.just(float("nan")), st.just(float("inf")))
ODD_VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), ODD_NUMBER, ODD_TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ODD_TEXT, inner, max_size=3)),
    max_leaves=6,
)
UUIDS = st.sampled_from(["01a202fc-de97-7faf-bd9b-61977d55a29f", "01A202FC-DE97-7FAF-BD9B-61977D55A29F", "01a202fcde977fafbd9b61977d55a29f", "", "x"])


def _some_of(members: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=members)


ELEMENTS = st.lists(_some_of({"tag_name": ODD_TEXT, "attr__class": ODD_VALUE, "attr__x": ODD_VALUE, "nth_child": ODD_VALUE}), max_size=2)
PROPERTIES = st.one_of(
    ODD_VALUE,
    _some_of(
        {
            "distinct_id": ODD_VALUE,
            "token": st.sampled_from(["phc_a", "phc_b", 5]),
            "$session_id": st.one_of(UUIDS, ODD_VALUE),
            "$ip": ODD_VALUE,
            "$set": ODD_VALUE,
            "$elements": st.one_of(ELEMENTS, ODD_VALUE),
            "$elements_chain": ODD_VALUE,
            "$ignore_sent_at": ODD_VALUE,
            "$cookieless_mode": st.one_of(st.booleans(), ODD_VALUE),
            "nested": st.dictionaries(st.sampled_from(["$ip", "$elements_chain", "$set"]), ODD_VALUE, max_size=2),
        }
    ),
)
EVENTS = st.one_of(
    ODD_VALUE,
    _some_of(
        {
            "event": st.one_of(ODD_TEXT, ODD_TEXT, ODD_VALUE),
            "distinct_id": st.one_of(ODD_TEXT, ODD_VALUE),
            "$distinct_id": ODD_VALUE,
            "uuid": st.one_of(UUIDS, ODD_VALUE),
            "properties": PROPERTIES,
            "timestamp": st.one_of(st.sampled_from(["2026-11-22T11:20:56.215Z", "x"]), ODD_VALUE),
            "offset": ODD_VALUE,
            "token": st.sampled_from(["phc_a", "phc_b", None, 5]),
            "$set": st.one_of(st.dictionaries(ODD_TEXT, ODD_VALUE, max_size=2), ODD_VALUE),
            "$set_once": ODD_VALUE,
            "batch": ODD_VALUE,
        }
    ),
)
GOOD = st.builds(lambda properties: {"event": "good", "distinct_id": "u", "token": "phc_a", "properties": properties}, PROPERTIES)
BATCH = st.fixed_dictionaries(
    {"api_key": st.just("phc_a"), "batch": st.lists(st.one_of(GOOD, EVENTS, EVENTS), min_size=1, max_size=4)},
    optional={"sent_at": st.one_of(st.just("2026-11-22T11:20:56.215Z"), ODD_VALUE)},
)
ODD_BATCH = st.fixed_dictionaries({}, optional={"api_key": ODD_VALUE, "token": ODD_TEXT, "batch": st.one_of(st.lists(GOOD, max_size=2), ODD_VALUE)})
DOCUMENTS = st.one_of(GOOD, BATCH, BATCH, BATCH, EVENTS, ODD_BATCH, st.lists(st.one_of(GOOD, EVENTS), max_size=4))
BODIES = st.one_of(
    st.builds(lambda document, ascii_only: json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"), DOCUMENTS, st.booleans()),
    st.builds(lambda document: json.dumps(document, separators=(",", ":")).encode().replace(b"0.0", b"1e999").replace(b"e+", b"E+9"), DOCUMENTS),
    st.binary(max_size=30),
)


@given(body=BODIES, path=st.sampled_from(["/e/", "/batch", "/engage/"]))
@settings(max_examples=400, deadline=None)
def test_engine_and_web_worker_agree(body: bytes, path: str, request_of: MakeRequest, decoded: Decode) -> None:
    request = request_of(body, path=path)

    try:
        envelope = CAPTURE.inspect(request)
    except Refused as refused:
        with pytest.raises(Refused) as again:
            decoded(request)
        assert (str(again.value), again.value.status) == (str(refused), refused.status)
    else:
        batch = decoded(request)
        assert len(batch) == envelope.count
        assert not {refusal.index for refusal in envelope.refusals} & set(batch.index)


@given(body=BODIES, path=st.sampled_from(["/e/", "/batch", "/engage/"]))
@settings(max_examples=400, deadline=None)
def test_every_event_can_be_stored_and_is_the_same_each_time(body: bytes, path: str, request_of: MakeRequest, decoded: Decode) -> None:
    request = request_of(body, path=path)
    try:
        batch = decoded(request)
    except Refused:
        return

    again = decoded(request)

    assert [list(again.column(name)) for name in ("uuid", "timestamp", "properties")] == [
        list(batch.column(name)) for name in ("uuid", "timestamp", "properties")
    ]
    for properties, event, distinct_id, timestamp in zip(batch.properties, batch.event, batch.distinct_id, batch.timestamp, strict=True):
        members = json.loads(properties.decode(), parse_constant=_no_constant, parse_float=_finite)
        assert isinstance(members, dict)
        json.dumps(members, ensure_ascii=False).encode()  # no lone surrogate
        assert {"$ip"} <= members.keys()
        assert not {"$elements", "$elements_chain"} & members.keys()
        assert 0 < len(event) <= 200
        assert 0 < len(distinct_id) <= 200
        assert "\0" not in distinct_id
        event.encode()
        distinct_id.encode()
        assert timestamp <= request.received_at + 23 * 3600 * 1_000_000


def _no_constant(text: str) -> None:
    raise AssertionError(f"{text} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    assert abs(value) != float("inf")
    return value
