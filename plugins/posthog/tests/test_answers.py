"""The answers of capture: what makes SDKs forget, retry or drop, and what browsers let them see."""

import pytest

from jackfield_posthog.capture import CAPTURE
from jackfield_sdk import Envelope, Outcome, Refusal, Refused, Retryable

from .conftest import MakeRequest

ORIGIN = {"origin": "https://app.example.test"}
CORS = {
    "access-control-allow-origin": "https://app.example.test",
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "Retry-After",
}


@pytest.mark.parametrize(
    "envelope",
    [Envelope(token="phc_a", count=1), Envelope(token="phc_a", count=0), Envelope(token="phc_a", count=1, refusals=[Refusal(1, "bad")])],
)
def test_success_is_exactly_200(envelope: Envelope, request_of: MakeRequest) -> None:
    reply = CAPTURE.respond(Outcome(request=request_of(headers=ORIGIN, query="beacon=1"), envelope=envelope))

    assert (reply.status, reply.body, reply.content_type, dict(reply.headers)) == (200, b'{"status":"Ok"}', "application/json", CORS)


def test_servers_get_no_headers_for_browsers(request_of: MakeRequest) -> None:
    reply = CAPTURE.respond(Outcome(request=request_of(headers={"sec-fetch-mode": "cors"}), envelope=Envelope(token="phc_a", count=1)))

    assert list(reply.headers) == []


def test_a_preflight_is_told_what_it_may(request_of: MakeRequest) -> None:
    request = request_of(method="OPTIONS", headers={**ORIGIN, "access-control-request-headers": "content-type,x-custom"})

    reply = CAPTURE.respond(Outcome(request=request, envelope=Envelope(token="", count=0)))

    assert (reply.status, reply.body) == (200, b'{"status":"Ok"}')
    assert dict(reply.headers) == {
        **CORS,
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": "content-type,x-custom",
        "access-control-max-age": "86400",
    }


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (Refused("event submitted without a distinct_id"), 400, b"event submitted without a distinct_id"),
        (Refused("API key is not valid: unknown", status=401), 401, b"API key is not valid: unknown"),
        (Refused("maximum event size exceeded", status=413), 413, b"maximum event size exceeded"),
        (Refused("rate limited", status=429), 503, b"rate limited"),
    ],
)
def test_a_refusal_is_plain_text(error: Refused, status: int, body: bytes, request_of: MakeRequest) -> None:
    reply = CAPTURE.respond(Outcome(request=request_of(headers=ORIGIN), error=error))

    assert (reply.status, reply.body, reply.content_type, dict(reply.headers)) == (status, body, "text/plain; charset=utf-8", CORS)


def test_later_is_503_and_says_when(request_of: MakeRequest) -> None:
    reply = CAPTURE.respond(Outcome(request=request_of(headers=ORIGIN), error=Retryable("the log is full", retry_after_seconds=14)))

    assert (reply.status, reply.body) == (503, b"transient error, please retry")
    assert dict(reply.headers) == {**CORS, "retry-after": "14"}
