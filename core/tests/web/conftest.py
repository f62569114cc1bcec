"""A real web server on a free port, with and without the fast lane; only projects are made up, and what goes wrong in the log."""

import asyncio
import contextlib
import dataclasses
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import uvloop

from jackfield.capture.asgi import App, Receive, Scope, Send, capture_app
from jackfield.capture.bodies import Bodies
from jackfield.capture.client_address import TrustedProxies
from jackfield.capture.intake import Intake
from jackfield.capture.plain_events import PLAIN_EVENTS
from jackfield.capture.routes import Route, Routes, capture_route
from jackfield.errors import LogFull
from jackfield.storage.eventlog import decode_record
from jackfield.storage.log_file import log_path
from jackfield.storage.sqlite_log import SqliteLogWriter
from jackfield.web.lane import lane_protocol
from jackfield.web.lane_head import BoundedHeadProtocol
from jackfield.web.worker import WebServer, uvicorn_configuration
from jackfield_sdk import ProjectInfo, Record

TOKEN = "project-token"
Done = Callable[[Exception | None], None]


class KnownProjects:
    """The projects there are."""

    def by_token(self, token: str) -> ProjectInfo | None:
        return ProjectInfo(7, TOKEN, "Test", "UTC") if token == TOKEN else None

    def by_id(self, project_id: int) -> ProjectInfo | None:
        return None


class TroubledLog:
    """The real log, which can be told to be full, to break, or to keep its answers for a while."""

    def __init__(self, real: SqliteLogWriter) -> None:
        self.real = real
        self.full = False
        self.broken = False
        self.holding = False
        self.held: list[tuple[Done, Exception | None]] = []
        self.appended = threading.Semaphore(0)

    def append(self, count: int, weight: int, payload: bytes, done: Done) -> None:
        if self.full:
            raise LogFull("The event log is at its limit.", retry_after_seconds=5)

        def answer(error: Exception | None) -> None:
            self.appended.release()
            error = OSError("disk") if self.broken else error
            if self.holding:
                self.held.append((done, error))
            else:
                done(error)

        self.real.append(count, weight, payload, answer)

    def let_go(self) -> None:
        """Give the answers that were held back; runs on the loop."""
        self.holding = False
        held, self.held = self.held, []
        for done, error in held:
            done(error)

    def close(self) -> None:
        self.real.close()


@dataclasses.dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """A connection that speaks bytes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.reader = self.socket.makefile("rb")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, method: str = "POST") -> Answer:
        """Read one answer and no byte of the next."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.reader.readline()
            if not line:
                raise ConnectionError(f"closed after {head!r}")
            head += line
        lines = head.decode("latin-1").split("\r\n")[:-2]
        status = int(lines[0].split()[1])
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(self.reader.readline(), 16):
                body += self.reader.read(size)
                self.reader.readline()
            self.reader.readline()
        elif method != "HEAD" and status not in (100, 204, 304):
            body = self.reader.read(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def is_closed(self) -> bool:
        """Wait for the end of the connection."""
        try:
            return self.reader.read(1) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.reader.close()
        self.socket.close()


def request(
    body: bytes = b"", *, method: str = "POST", path: str = "/v1/events", headers: Mapping[str, str | None] | None = None, chunked: bool = False
) -> bytes:
    """Write an HTTP request; headers that are None are left out."""
    all_headers: dict[str, str | None] = {"Host": "test", "Authorization": f"Bearer {TOKEN}", **(headers or {})}
    if chunked:
        all_headers["Transfer-Encoding"] = "chunked"
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:10], body[10:]) if part) + b"0\r\n\r\n"
    elif body or method == "POST":
        all_headers.setdefault("Content-Length", str(len(body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


class Server:
    """A running web worker, in a thread."""

    def __init__(self, mode: str, directory: Path, routes: Mapping[str, Route], bodies: Bodies, proxies: Sequence[str], fallback: App) -> None:
        self.mode = mode
        self.directory = directory
        self.routes = Routes(routes)
        self.bodies = bodies
        self.proxies = proxies
        self.fallback = fallback
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.loop: asyncio.AbstractEventLoop
        self.log: TroubledLog
        self.server: WebServer
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(10)
        while not self.server.started:
            time.sleep(0.01)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        writer = SqliteLogWriter(self.directory, lane="events", slot=0, durability="process", max_bytes=1 << 30, wake=self.loop.call_soon_threadsafe)
        self.log = TroubledLog(writer)
        self.intake = Intake(projects=KnownProjects(), log=self.log, bodies=self.bodies, client_address=TrustedProxies(self.proxies).client)
        app = capture_app(self.intake, self.routes, self.fallback)
        protocol = lane_protocol(self.intake, self.routes) if self.mode == "lane" else BoundedHeadProtocol
        self.server = WebServer(uvicorn_configuration(app, protocol))
        self._ready.set()
        try:
            await self.server.serve(sockets=[self.socket])
        finally:
            await self.loop.run_in_executor(None, self.intake.close)

    def connect(self) -> Connection:
        return Connection(self.port)

    def send(self, body: bytes | str = b"", **how: Any) -> Answer:
        """Send one request on a connection of its own."""
        with self.connect() as connection:
            connection.send(request(body.encode() if isinstance(body, str) else body, **how))
            return connection.answer(how.get("method", "POST"))

    def on_loop(self, work: Callable[[], object]) -> None:
        self.loop.call_soon_threadsafe(work)

    def stop(self, *, wait: bool = True) -> None:
        self.server.should_exit = True
        if wait:
            self._thread.join(20)
            assert not self._thread.is_alive()

    def stored(self) -> list[Record]:
        """Read all records that the log holds."""
        return read_log(self.directory)

    def events(self) -> list[dict[str, Any]]:
        """Decode all stored records, as the engine would."""
        return [event for record in self.stored() for event in PLAIN_EVENTS.decode(record).rows()]  # type: ignore[misc]


def read_log(directory: Path) -> list[Record]:
    with contextlib.closing(sqlite3.connect(log_path(directory, "events", 0))) as connection:
        return [decode_record(f"file:{row}", payload) for row, payload in connection.execute("SELECT id, payload FROM log ORDER BY id")]


async def nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand for the rest of the application: answers what it was asked."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    text = f"else: {scope['method']} {scope['path']} ".encode() + body
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
    await send({"type": "http.response.body", "body": text})


Start = Callable[..., Server]


@pytest.fixture(scope="module", params=["lane", "asgi"])
def mode(request: pytest.FixtureRequest) -> str:
    """Whether requests go by the fast lane or through plain ASGI."""
    return str(request.param)


@pytest.fixture
def start(mode: str, tmp_path: Path) -> Iterator[Start]:
    """Start a server with settings of the test's own."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running(mode, tmp_path, **settings))


@pytest.fixture(scope="module")
def usual_server(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(mode, tmp_path_factory.mktemp("log")) as server:
        yield server


@pytest.fixture
def server(usual_server: Server) -> Iterator[Server]:
    """A server with the usual settings and an empty log."""
    with contextlib.closing(sqlite3.connect(log_path(usual_server.directory, "events", 0))) as connection, connection:
        connection.execute("DELETE FROM log")
    yield usual_server
    usual_server.log.full = usual_server.log.broken = False
    usual_server.on_loop(usual_server.log.let_go)


@contextlib.contextmanager
def running(
    mode: str,
    directory: Path,
    *,
    routes: Mapping[str, Route] | None = None,
    body_seconds: float = 10.0,
    in_flight: int = 1 << 30,
    proxies: Sequence[str] = (),
    fallback: App = nothing_else,
) -> Iterator[Server]:
    """Run a server for a while."""
    all_routes = {"/v1/events": capture_route("core", PLAIN_EVENTS), **(routes or {})}
    server = Server(mode, directory, all_routes, Bodies(seconds=body_seconds, max_bytes=in_flight), proxies, fallback)
    try:
        yield server
    finally:
        if server.log.held:
            server.on_loop(server.log.let_go)
        server.stop()
