"""WSGI applications behind the bridge: what they are told, and how their answers reach the client."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from core.tests.web.conftest import Server, Start, nothing_else, request
from jackfield.capture.asgi import App, Receive, Scope, Send
from jackfield.capture.client_address import TrustedProxies
from jackfield.web import bridge
from jackfield.web.bridge import WsgiApplication, WsgiBridge

Serve = Callable[..., Server]


@pytest.fixture
def serve(start: Start) -> Iterator[Serve]:
    """Serve a WSGI application."""
    bridges: list[WsgiBridge] = []

    def serve(application: WsgiApplication, *, threads: int = 2, proxies: tuple[str, ...] = (), body_seconds: float = 5.0) -> Server:
        bridges.append(WsgiBridge(application, threads=threads, proxies=TrustedProxies(proxies), body_seconds=body_seconds))
        return start(fallback=with_lifespan(bridges[-1]))

    yield serve
    for each in bridges:
        each.close()


def with_lifespan(app: App) -> App:
    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        await (nothing_else if scope["type"] == "lifespan" else app)(scope, receive, send)

    return either


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    lines = [f"{name}={environ[name]}" for name in sorted(environ) if name.isupper() or name == "wsgi.url_scheme"]
    text = "\n".join(lines).encode("latin-1") + b"\n\n" + body
    start_response("201 Created", [("Content-Type", "text/plain"), ("Content-Length", str(len(text))), ("X-Two", "a"), ("X-Two", "b")])
    return [text]


def environment(text: bytes) -> dict[str, str]:
    head = text.decode("latin-1").partition("\n\n")[0]
    return {name: value for name, _, value in (line.partition("=") for line in head.split("\n"))}


def test_a_request_arrives_as_wsgi_has_it(serve: Serve) -> None:
    server = serve(echo)
    headers = {"Content-Type": "text/x", "Cookie": "a=b", "X-Under_score": "no", "X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https"}

    answer = server.send(b"body " * 100_000, path="/caf%C3%A9/?q=%20", headers=headers, chunked=True)

    assert (answer.status, answer.headers["x-two"]) == (201, "b")
    assert answer.body.partition(b"\n\n")[2] == b"body " * 100_000
    given = environment(answer.body)
    assert given["REQUEST_METHOD"] == "POST"
    assert given["PATH_INFO"].encode("latin-1").decode() == "/café/"
    assert (given["QUERY_STRING"], given["CONTENT_LENGTH"], given["CONTENT_TYPE"]) == ("q=%20", "500000", "text/x")
    assert (given["HTTP_COOKIE"], given["REMOTE_ADDR"], given["wsgi.url_scheme"]) == ("a=b", "127.0.0.1", "http")
    assert not [name for name in given if "UNDER" in name or "FORWARDED" in name]


def test_forwarding_headers_of_a_trusted_proxy_arrive(serve: Serve) -> None:
    server = serve(echo, proxies=("127.0.0.1",))

    given = environment(server.send(path="/", headers={"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https"}).body)

    assert (given["REMOTE_ADDR"], given["wsgi.url_scheme"], given["HTTP_X_FORWARDED_PROTO"]) == ("9.9.9.9", "https", "https")


def test_an_answer_streams(serve: Serve) -> None:
    go_on = threading.Event()

    def streaming(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        yield b"first"
        yield b""
        assert go_on.wait(5)
        yield b"second"

    with serve(streaming).connect() as connection:
        connection.send(request(method="GET", path="/"))
        seen = b""
        while not seen.endswith(b"first\r\n"):
            seen += connection.socket.recv(1000)
        go_on.set()
        while not seen.endswith(b"0\r\n\r\n"):
            seen += connection.socket.recv(1000)
    assert b"\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n" in seen


def test_a_stream_ends_when_its_reader_leaves(serve: Serve) -> None:
    closed = threading.Event()

    def endless(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 1000
                time.sleep(0.01)
        finally:
            closed.set()

    with serve(endless).connect() as connection:
        connection.send(request(method="GET", path="/"))
        assert connection.socket.recv(1000)
    assert closed.wait(5)


def test_a_slow_reader_holds_the_application_back(serve: Serve) -> None:
    made = [0]

    def eager(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        for _ in range(2000):
            made[0] += 1
            yield b"x" * 100_000

    with serve(eager).connect() as connection:
        connection.send(request(method="GET", path="/"))
        time.sleep(0.5)
        assert 0 < made[0] < 500


def test_an_application_that_raises_is_500_and_its_neighbour_unharmed(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    def broken(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/broken":
            raise ValueError("oops")
        return echo(environ, start_response)

    server = serve(broken)

    assert server.send(b"x", path="/broken").status == 500
    assert server.send(b"x", path="/fine").status == 201
    assert "ValueError: oops" in caplog.text


def test_what_is_closed_is_closed_after_the_answer(serve: Serve) -> None:
    closed = threading.Event()

    class Body(list[bytes]):
        def close(self) -> None:
            closed.set()

    def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("204 No Content", [])
        return Body()

    assert serve(application).send(path="/").status == 204
    assert closed.wait(5)


def test_bodies_are_bounded_in_size_and_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MAX_BODY_BYTES", 1000)
    server = serve(echo, body_seconds=0.2)

    assert server.send(b"x" * 1000, path="/").status == 201
    assert server.send(b"x" * 1001, path="/").status == 413
    with server.connect() as connection:
        connection.send(request(b"x", path="/", headers={"Content-Length": "5"}))
        assert connection.answer().status == 408


def test_more_requests_than_may_wait_are_503(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MAX_WAITING", 2)
    go_on = threading.Event()

    def waiting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert go_on.wait(5)
        return echo(environ, start_response)

    server = serve(waiting, threads=1)
    with server.connect() as first, server.connect() as second:
        first.send(request(b"x", path="/"))
        second.send(request(b"x", path="/"))
        time.sleep(0.1)
        third = server.send(b"x", path="/")
        go_on.set()
        answers = [first.answer(), second.answer()]

    assert (third.status, third.headers["retry-after"]) == (503, "1")
    assert [answer.status for answer in answers] == [201, 201]


def test_head_sends_no_body(serve: Serve) -> None:
    answer = serve(echo).send(method="HEAD", path="/")

    assert answer.status == 201
    assert int(answer.headers["content-length"]) > 100
