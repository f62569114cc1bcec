"""Requests that real SDKs sent, replayed: all their events arrive, and as they were sent."""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jackfield_posthog.capture import CAPTURE
from jackfield_posthog.paths import CAPTURE_PATHS
from jackfield_sdk import CaptureRequest, Envelope, Outcome

from .conftest import Decode

FIXTURES = Path(__file__).parent / "fixtures"
TOKEN = "phc_testtoken0000000000000000000000000000000"
NIL = "00000000-0000-0000-0000-000000000000"


def _recorded(*, method: str) -> list[Any]:
    found = []
    for path in sorted(FIXTURES.glob("*/*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        target = recorded["request"]["path"].partition("?")[0].rstrip("/")
        if target in CAPTURE_PATHS and recorded["request"]["method"] == method:
            found.append(pytest.param(recorded, id=f"{path.parent.name}/{path.stem}"))
    return found


def _request(recorded: dict[str, Any]) -> CaptureRequest:
    sent = recorded["request"]
    path, _, query = sent["path"].partition("?")
    return CaptureRequest(
        method=sent["method"],
        path=path,
        query=query,
        headers=sent["headers"],
        body=base64.b64decode(sent["body_b64"]),
        client_ip="203.0.113.7",
        received_at=_microseconds(recorded["recorded_at"]),
    )


def _microseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime.fromisoformat("1970-01-01T00:00:00Z")) // timedelta(microseconds=1)


def _expected(event: dict[str, Any], sent_at: str, now: int) -> dict[str, Any]:
    properties = {"$ip": "203.0.113.7", **event.get("properties", {})}
    chain = properties.pop("$elements_chain", "")
    properties.pop("$elements", None)
    for key in ("$set", "$set_once"):
        if key in event:
            properties[key] = {**properties.get(key, {}), **event[key]}
    return {
        "uuid": event["uuid"],
        "event": event["event"],
        "distinct_id": event.get("distinct_id") or event["properties"]["distinct_id"],
        "timestamp": _microseconds(event["timestamp"]) + now - _microseconds(sent_at),
        "created_at": now,
        "session_id": properties.get("$session_id", NIL),
        "elements_chain": chain,
        "properties": properties,
    }


@pytest.mark.parametrize("recorded", _recorded(method="POST"))
def test_a_recorded_request_arrives_as_it_was_sent(recorded: dict[str, Any], decoded: Decode) -> None:
    request = _request(recorded)
    sent = recorded["decoded"]
    expected = [_expected(event, sent["sent_at"], request.received_at) for event in sent["batch"]]

    envelope = CAPTURE.inspect(request)
    batch = decoded(request)

    assert envelope == Envelope(token=TOKEN, count=len(expected))
    assert [{name: row[name] for name in expected[0]} for row in batch.rows()] == expected
    assert list(batch.project_id) == [3] * len(expected)


@pytest.mark.parametrize("recorded", _recorded(method="OPTIONS"))
def test_a_recorded_preflight_is_allowed(recorded: dict[str, Any]) -> None:
    request = _request(recorded)

    reply = CAPTURE.respond(Outcome(request=request, envelope=Envelope(token="", count=0)))

    assert reply.status == 200
    assert reply.body == b'{"status":"Ok"}'
    assert dict(reply.headers) == {
        "access-control-allow-origin": request.headers["origin"],
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": request.headers["access-control-request-headers"],
        "access-control-expose-headers": "Retry-After",
        "access-control-max-age": "86400",
    }
