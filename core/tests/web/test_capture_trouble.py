"""Limits, a troubled log and broken plugins: what a sender is told, and that its neighbours do not notice."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from core.tests.web.conftest import TOKEN, Server, Start, request
from jackfield.capture.plain_events import PLAIN_EVENTS, respond
from jackfield.capture.routes import AnswerRoute, Route, capture_route
from jackfield_sdk import CaptureEndpoint, CaptureRequest, Envelope, Outcome, Refusal, Refused, Reply, Retryable

EVENT = json.dumps({"event": "e", "distinct_id": "d"}).encode()


def endpoint(**members: Any) -> Route:
    """Make an endpoint like core's own, but for some members."""
    usual = {"name": "test", "paths": ("/t",), "inspect": PLAIN_EVENTS.inspect, "decode": PLAIN_EVENTS.decode, "respond": respond}
    return capture_route("testing", CaptureEndpoint(**{**usual, **members}))


def raising(problem: Exception) -> Callable[[Any], NoReturn]:
    def raise_it(_: Any) -> NoReturn:
        raise problem

    return raise_it


# -- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_of_its_route_is_413(start: Start, chunked: bool) -> None:
    server = start(routes={"/t": endpoint(max_body_bytes=50_000)})

    answer = server.send(b"x" * 400_000, path="/t", chunked=chunked)

    assert answer.status == 413
    assert "longer than 50000 bytes" in answer.json["error"]
    assert answer.headers["connection"] == "close"
    assert server.bodies.held_bytes == 0
    assert server.send(EVENT + b" " * (50_000 - len(EVENT)), path="/t", chunked=chunked).status == 200


def test_the_413_comes_before_the_body_does_and_the_rest_is_read(start: Start) -> None:
    server = start(routes={"/t": endpoint(max_body_bytes=1000)})

    with server.connect() as connection:
        connection.send(request(headers={"Content-Length": "3000"}, path="/t"))
        assert connection.answer().status == 413
        connection.send(b"x" * 3000)
        assert connection.is_closed()


def test_a_slow_body_is_408_and_the_connection_closed(start: Start) -> None:
    server = start(body_seconds=0.2)

    with server.connect() as connection:
        connection.send(request(headers={"Content-Length": "100"}) + b"{")
        answer = connection.answer()
        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert "0.2 seconds" in answer.json["error"]
        assert connection.is_closed()
    assert server.bodies.held_bytes == 0


def test_bodies_in_flight_are_bounded_over_all_connections(start: Start) -> None:
    server = start(in_flight=100_000)

    with server.connect() as first, server.connect() as second:
        first.send(request(headers={"Content-Length": "90000"}) + b" " * 80_000)
        wait_for(lambda: server.bodies.held_bytes == 80_000)
        second.send(request(b" " * 30_000 + EVENT))
        answer = second.answer()
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        first.send(b" " * (10_000 - len(EVENT)) + EVENT)
        assert first.answer().status == 200
    wait_for(lambda: server.bodies.held_bytes == 0)
    assert server.send(EVENT).status == 200


def test_the_bytes_of_clients_that_leave_are_forgotten(start: Start) -> None:
    server = start()

    for _ in range(3):
        with server.connect() as connection:
            connection.send(request(headers={"Content-Length": "90000"}) + b" " * 1000)
            wait_for(lambda: server.bodies.held_bytes == 1000)
        wait_for(lambda: server.bodies.held_bytes == 0)


# -- the log ---------------------------------------------------------------------------------------------------------


def test_a_full_log_is_503_with_retry_after(server: Server) -> None:
    server.log.full = True
    answer = server.send(EVENT)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.json == {"error": "The event log is at its limit."}

    server.log.full = False
    assert server.send(EVENT).status == 200


def test_a_failed_commit_is_503_and_says_nothing_of_the_inside(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.log.broken = True

    answer = server.send(EVENT)

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.json == {"error": "transient error, please retry"}
    assert "OSError" in caplog.text


def test_an_event_stays_stored_when_the_client_has_gone(server: Server) -> None:
    server.log.holding = True
    with server.connect() as connection:
        connection.send(request(EVENT))
        assert server.log.appended.acquire(timeout=5)
    time.sleep(0.1)
    server.on_loop(server.log.let_go)

    assert server.send(EVENT).status == 200
    assert len(server.events()) == 2


# -- plugins ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["inspect", "respond"])
def test_a_plugin_that_raises_costs_its_own_request_only(start: Start, caplog: pytest.LogCaptureFixture, member: str) -> None:
    secret = ValueError(f"cannot read {TOKEN}")
    server = start(routes={"/t": endpoint(**{member: raising(secret)})})

    with server.connect() as connection, caplog.at_level(logging.ERROR, "jackfield"):
        connection.send(request(EVENT, path="/t"))
        answer = connection.answer()
        connection.send(request(EVENT))
        neighbour = connection.answer()

    assert (answer.status, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")
    assert neighbour.status == 200
    assert f"Plugin 'testing': {member} of capture endpoint 'test' raised ValueError" in caplog.text
    assert "raise_it" in caplog.text
    assert TOKEN not in caplog.text


def test_an_inspect_that_returns_rubbish_is_500(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    server = start(routes={"/t": endpoint(inspect=lambda _request: None)})

    assert server.send(EVENT, path="/t").status == 500
    assert "inspect of capture endpoint 'test' raised TypeError" in caplog.text


def test_a_plugin_may_refuse_or_ask_to_wait(start: Start) -> None:
    routes = {
        "/no": endpoint(inspect=raising(Refused("no", status=402))),
        "/later": endpoint(inspect=raising(Retryable("later", retry_after_seconds=9))),
    }
    server = start(routes=routes)

    no, later = server.send(EVENT, path="/no"), server.send(EVENT, path="/later")

    assert (no.status, no.json) == (402, {"error": "no"})
    assert (later.status, later.json, later.headers["retry-after"]) == (503, {"error": "later"}, "9")


def test_a_large_body_that_breaks_a_plugin_is_500_too(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    server = start(routes={"/t": endpoint(inspect=raising(ValueError()))})

    assert server.send(b" " * 2_000_000 + EVENT, path="/t").status == 500
    assert "ValueError" in caplog.text


def test_a_reply_with_a_line_break_in_a_header_is_not_sent(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    server = start(routes={"/t": endpoint(respond=lambda _outcome: Reply(headers=(("x-echo", "a\r\nset-cookie: b"),)))})

    answer = server.send(EVENT, path="/t")

    assert answer.status == 500
    assert "set-cookie" not in answer.headers
    assert "ValueError" in caplog.text


def test_nothing_to_store_is_answered_without_the_log(start: Start) -> None:
    envelope = Envelope(token=TOKEN, count=0, refusals=(Refusal(0, "not wanted"),))
    server = start(routes={"/t": endpoint(inspect=lambda _request: envelope, respond=lambda outcome: Reply(body=repr(outcome.envelope).encode()))})

    assert server.send(EVENT, path="/t").body == repr(envelope).encode()
    assert server.stored() == []


def test_headers_are_kept_by_name_and_by_prefix(start: Start) -> None:
    server = start(routes={"/t": endpoint(keep_headers=("User-Agent", "sdk-*"))})

    server.send(EVENT, path="/t", headers={"User-Agent": "a/1", "SDK-Info": "x", "Sdk-Attempt": "2", "Accept": "y"})

    assert server.stored()[0].headers == {"user-agent": "a/1", "sdk-info": "x", "sdk-attempt": "2"}


# -- methods and hot routes ------------------------------------------------------------------------------------------


def test_a_method_that_the_endpoint_does_not_take_is_405(server: Server) -> None:
    answer = server.send(method="GET")

    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert answer.json == {"error": "/v1/events takes POST, not GET"}


def test_options_and_get_reach_an_endpoint_that_wants_them(start: Start) -> None:
    def inspect(given: CaptureRequest) -> Envelope:
        return Envelope(token=TOKEN, count=1) if given.query == "data=1" else raising(Refused("?"))(given)

    def answer(outcome: Outcome) -> Reply:
        assert outcome.envelope is not None
        return Reply(status=204 if outcome.request.method == "OPTIONS" else 200, headers=(("x-count", str(outcome.envelope.count)),))

    server = start(routes={"/t": endpoint(methods=("GET", "OPTIONS"), inspect=inspect, respond=answer)})

    preflight, got = server.send(method="OPTIONS", path="/t"), server.send(method="GET", path="/t/?data=1")

    assert (preflight.status, preflight.headers["x-count"], "content-length" in preflight.headers) == (204, "0", False)
    assert (got.status, got.headers["x-count"]) == (200, "1")
    assert [record.query for record in server.stored()] == ["data=1"]


def hot(answer: Callable[[CaptureRequest], Reply], **members: Any) -> Route:
    return AnswerRoute(
        **{"plugin": "testing", "name": "hot", "methods": frozenset({"GET", "HEAD", "POST"}), "max_body_bytes": 1000, **members}, answer=answer
    )


def test_hot_routes_answer_themselves(start: Start) -> None:
    def echo(given: CaptureRequest) -> Reply:
        return Reply(
            body=f"{given.method} {given.path} {given.query} {given.body.decode()}".encode(), content_type="text/plain", headers=(("x-a", "b"),)
        )

    server = start(routes={"/hot": hot(echo), "/array/*": hot(echo)})

    posted = server.send(b"body", path="/hot/?q=1")
    assert (posted.status, posted.body, posted.headers["x-a"], posted.headers["content-type"]) == (200, b"POST /hot/ q=1 body", "b", "text/plain")
    assert server.send(method="GET", path="/array/tok/config.js").body == b"GET /array/tok/config.js  "
    assert server.send(b"x", path="/array/a%20b").body == b"POST /array/a b  x"
    assert server.send(method="HEAD", path="/hot").headers["content-length"] == "11"
    assert server.send(b"x" * 1001, path="/hot").status == 413
    assert server.send(b"x" * 1001, path="/hot").body.startswith(b"maximum event size exceeded")


def test_a_hot_route_that_fails_says_so(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    server = start(routes={"/a": hot(raising(KeyError("x"))), "/b": hot(raising(Refused("b", status=404))), "/c": hot(raising(Retryable("c")))})

    answers = [server.send(b"x", path=path) for path in ("/a", "/b", "/c")]

    assert [answer.status for answer in answers] == [500, 404, 503]
    assert answers[1].body == b"b\n"
    assert answers[2].headers["retry-after"] == "1"
    assert "answer of hot route 'hot' raised KeyError" in caplog.text


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
