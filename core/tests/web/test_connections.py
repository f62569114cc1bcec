"""What clients do with connections: reuse them, hurry, hesitate, cut them, and go on while the server stops."""

import asyncio
import json
import select
import time

import pytest

from core.tests.web.conftest import Server, Start, read_log, request
from jackfield.web import lane_head

EVENT = json.dumps({"event": "e", "distinct_id": "d"}).encode()


def test_a_connection_serves_many_requests_of_all_kinds(server: Server) -> None:
    with server.connect() as connection:
        for number in range(30):
            connection.send(request(EVENT) if number % 3 else request(b"text", path="/graphql"))
            assert connection.answer().status == 200
            if number % 5 == 0:
                connection.send(request(method="GET", path="/page"))
                assert connection.answer("GET").body == b"else: GET /page "

    assert len(server.events()) == 20


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    server.log.holding = True
    with server.connect() as connection:
        connection.send(request(EVENT) + request(b"one", path="/else") + request(EVENT) + request(b"oops") + request(b"two", path="/else"))
        assert server.log.appended.acquire(timeout=5)
        server.on_loop(server.log.let_go)
        answers = [connection.answer() for _ in range(5)]
        connection.send(request(EVENT))
        answers.append(connection.answer())

    assert [answer.status for answer in answers] == [200, 200, 200, 400, 200, 200]
    assert [answers[1].body, answers[4].body] == [b"else: POST /else one", b"else: POST /else two"]
    assert len(server.events()) == 3


def test_the_next_request_waits_for_the_commit_before_it(server: Server) -> None:
    server.log.holding = True
    with server.connect() as connection:
        connection.send(request(EVENT))
        assert server.log.appended.acquire(timeout=5)
        connection.send(request(b"later", path="/else"))
        time.sleep(0.1)
        server.on_loop(server.log.let_go)
        assert connection.answer().json == {"accepted": 1, "refused": []}
        assert connection.answer().body == b"else: POST /else later"


def test_expect_100_continue(server: Server) -> None:
    with server.connect() as connection:
        connection.send(request(headers={"Expect": "100-continue", "Content-Length": str(len(EVENT))}))
        assert connection.answer().status == 100
        connection.send(EVENT)
        assert connection.answer().json == {"accepted": 1, "refused": []}


def test_a_request_that_comes_byte_by_byte(server: Server) -> None:
    with server.connect() as connection:
        for byte in request(EVENT, headers={"X": "y"}):
            connection.send(bytes([byte]))
            time.sleep(0.001)
        assert connection.answer().status == 200


@pytest.mark.parametrize(("version", "headers"), [("1.0", {}), ("1.1", {"Connection": "close"})])
def test_a_connection_that_ends_with_its_request_is_closed(server: Server, version: str, headers: dict[str, str]) -> None:
    with server.connect() as connection:
        connection.send(request(EVENT, headers=headers).replace(b"HTTP/1.1", f"HTTP/{version}".encode(), 1))
        answer = connection.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert connection.is_closed()


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", request(b"zz", headers={"Transfer-Encoding": "chunked", "Content-Length": None})])
def test_what_is_no_http_is_400_and_closed(server: Server, data: bytes) -> None:
    with server.connect() as connection:
        connection.send(data)
        assert connection.answer().status == 400
        assert connection.is_closed()
    assert server.bodies.held_bytes == 0
    assert server.send(EVENT).status == 200


def test_an_endless_head_is_431(server: Server) -> None:
    with server.connect() as connection:
        connection.send(b"POST /v1/events HTTP/1.1\r\n")
        for _ in range(9):
            time.sleep(0.02)
            connection.send(b"X: y\r\n" * 2000)
            if connection.socket in select.select([connection.socket], [], [], 0)[0]:
                break
        assert connection.answer().status == 431
        assert connection.is_closed()


def test_bodies_before_an_open_head_do_not_count_as_head(server: Server) -> None:
    large = request(EVENT + b" " * 80_000)
    with server.connect() as connection:
        connection.send(large[:50])
        time.sleep(0.05)
        connection.send(large[50:] + large[:50])
        assert connection.answer().status == 200
        connection.send(large[50:] + large[:50])
        assert connection.answer().status == 200
        connection.send(large[50:])
        assert connection.answer().status == 200


def test_a_head_that_never_ends_and_a_silent_connection_are_closed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_head, "HEAD_SECONDS", 0.3)
    server = start()

    with server.connect() as silent, server.connect() as slow, server.connect() as again:
        slow.send(b"POST /v1/events HTTP/1.1\r\nX: y")
        again.send(request(EVENT))
        assert again.answer().status == 200
        again.send(b"POST /v1/ev")
        assert silent.is_closed()
        assert slow.is_closed()
        assert again.is_closed()


def test_an_idle_connection_is_closed_and_a_used_one_is_not(start: Start) -> None:
    server = start()
    server.server.config.timeout_keep_alive = 1

    with server.connect() as idle, server.connect() as used:
        idle.send(request(EVENT))
        assert idle.answer().status == 200
        begun = time.monotonic()
        for _ in range(4):
            used.send(request(EVENT))
            assert used.answer().status == 200
            used.send(request(b"x", path="/else"))
            assert used.answer().status == 200
            time.sleep(0.4)
        assert idle.is_closed()
        assert used.is_closed()
        assert 2 < time.monotonic() - begun < 5


@pytest.mark.parametrize("path", ["/else", "/v1/events"])
def test_a_client_that_does_not_read_is_not_read_from(server: Server, path: str) -> None:
    with server.connect() as connection:
        connection.socket.setblocking(False)
        big = request(b"x" * 900, path=path)
        sent = 0
        try:
            while sent < 50_000_000:
                sent += connection.socket.send(big * 50)
        except BlockingIOError:
            pass
        assert sent < 50_000_000
    assert server.send(EVENT).status == 200


def test_stopping_finishes_what_has_begun_and_takes_nothing_new(start: Start) -> None:
    server = start()
    server.log.holding = True
    with server.connect() as waiting, server.connect() as half, server.connect() as idle:
        idle.send(request(method="GET", path="/page"))
        assert idle.answer("GET").status == 200
        half.send(request(EVENT)[:-5])
        waiting.send(request(EVENT))
        assert server.log.appended.acquire(timeout=5)

        server.stop(wait=False)
        assert idle.is_closed()
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        half.send(request(EVENT)[-5:])
        assert server.log.appended.acquire(timeout=5)
        server.on_loop(server.log.let_go)
        answers = [waiting.answer(), half.answer()]
        assert [waiting.is_closed(), half.is_closed()] == [True, True]
    server.stop()

    assert [(answer.status, answer.headers["connection"]) for answer in answers] == [(200, "close")] * 2
    assert len(read_log(server.directory)) == 2


def test_forwarding_headers_are_believed_from_trusted_proxies_only(start: Start) -> None:
    trusting = start(proxies=["127.0.0.0/8"])
    trusting.send(EVENT, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7:4711"})
    assert trusting.stored()[0].client_ip == "198.51.100.7"
    trusting.stop()

    other = start()
    other.send(EVENT, headers={"X-Forwarded-For": "203.0.113.9"})
    assert other.stored()[-1].client_ip == "127.0.0.1"


def test_many_connections_at_once(server: Server) -> None:
    async def one(number: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for _ in range(10):
            writer.write(request(EVENT, path=("/v1/events", "/v1/events/")[number % 2]))
            await reader.readuntil(b'"refused":[]}')
        writer.close()
        await writer.wait_closed()
        return 10

    async def all_of_them() -> int:
        return sum(await asyncio.gather(*(one(number) for number in range(40))))

    assert asyncio.run(all_of_them()) == len(server.events()) == 400
