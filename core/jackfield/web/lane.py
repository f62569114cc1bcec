"""The fast lane: takes capture requests inside uvicorn's HTTP protocol, past ASGI. Leans on uvicorn's internals, hence its exact pin.

It takes a POST on a path of the table that arrives alone on its connection. Everything else goes to uvicorn's own code and so to the ASGI
application, which answers capture requests in the same way (`jackfield.capture.asgi`); the same tests run on both.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from jackfield.capture.asgi import DRAIN_SECONDS, WITHOUT_BODY, header_mapping
from jackfield.capture.bodies import too_large, too_many, too_slow
from jackfield.capture.intake import Intake
from jackfield.capture.routes import Route, Routes
from jackfield.web.lane_head import NOT_COUNTED, BoundedHeadProtocol
from jackfield_sdk import CaptureRequest, Refused, Reply, Retryable


class _Unwatched:
    """Stands for the event by which uvicorn wakes an ASGI task: a lane request has none."""

    def set(self) -> None:
        return


class LaneRequest:
    """A request on the lane; to uvicorn it looks like its `RequestResponseCycle`.

    Args:
        response_complete, disconnected, keep_alive, message_event: what uvicorn's protocol reads and sets.
        held: bytes of the body that are counted as in flight.
    """

    __slots__ = ("deadline", "disconnected", "headers", "held", "keep_alive", "parts", "path", "protocol", "query", "response_complete", "route")
    message_event = _Unwatched()

    def __init__(self, protocol: "LaneProtocol", route: Route, path: str, query: str, headers: Mapping[str, str], keep_alive: bool) -> None:
        self.protocol = protocol
        self.route = route
        self.path = path
        self.query = query
        self.headers = headers
        self.keep_alive = keep_alive
        self.response_complete = False
        self.disconnected = False
        self.held = 0
        self.parts: list[bytes] = []
        self.deadline: asyncio.TimerHandle | None = None

    def answer(self, reply: Reply) -> None:
        """Send the reply: the intake calls this once, now or later."""
        self.protocol.send_reply(self, reply)


class LaneProtocol(BoundedHeadProtocol):
    """uvicorn's HTTP protocol with the lane in it. Use `lane_protocol`, which binds it to an intake."""

    intake: Intake
    routes: Routes

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arriving: LaneRequest | None = None  # its body is not complete
        self.draining: asyncio.TimerHandle | None = None  # a refused body still comes in; closes the connection in the end
        self.held_back = False  # reading is paused because the client does not read our answers
        self.idle_since = 0.0
        self.idle_check: asyncio.TimerHandle | None = None
        self.rendered_defaults: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")

    # -- from the transport ------------------------------------------------------------------------------------------

    def watch_unfinished(self, data: bytes) -> None:
        """Set a deadline for a body that did not come with its head."""
        arriving = self.arriving
        if arriving is None:
            super().watch_unfinished(data)
        elif arriving.deadline is None:
            self.head_complete()
            arriving.deadline = self.loop.call_later(self.intake.bodies.seconds, self._late, arriving)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.arriving is not None:
            self._release(self.arriving)
            self.arriving = None
        for timer in (self.draining, self.idle_check):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.held_back:
            self.held_back = False
            if not self.pipeline:
                self.flow.resume_reading()

    # -- keep-alive --------------------------------------------------------------------------------------------------

    def on_response_complete(self) -> None:
        """Go on after a response, the lane's or another's, as uvicorn does; but one timer per connection, not one per request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self.idle_since = self.loop.time()
        if self.idle_check is None:
            self.idle_check = self.loop.call_later(self.timeout_keep_alive, self._check_idle)

    def _check_idle(self) -> None:
        self.idle_check = None
        if self.unfinished or not self.cycle.response_complete:
            return  # busy: the response's end sets the timer again
        left = self.idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.idle_check = self.loop.call_later(left, self._check_idle)
        else:
            self.timeout_keep_alive_handler()

    # -- from the parser ---------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        # Not uvicorn's: the ASGI scope is made only for a request that leaves the lane.
        self.unfinished = True
        self.head_bytes = NOT_COUNTED
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self.parser.get_method() == b"POST" and (self.cycle is None or self.cycle.response_complete):
            path, _, query = self.url.decode("latin-1").partition("?")
            route = self.routes.find(path)
            if route is not None and not ("%" in path or "#" in query or self.parser.should_upgrade()):
                headers = header_mapping(self.headers)
                if "expect" not in headers:
                    self._begin(route, path, query, headers)
                    return
        self._leave_lane()

    def on_body(self, body: bytes) -> None:
        arriving = self.arriving
        if arriving is None:
            super().on_body(body)
            return
        arriving.parts.append(body)
        arriving.held += len(body)
        fits = self.intake.bodies.hold(len(body))
        if arriving.held > arriving.route.max_body_bytes:
            self._refuse(arriving, too_large(arriving.route.max_body_bytes))
        elif not fits:
            self._refuse(arriving, too_many())

    def on_message_complete(self) -> None:
        arriving = self.arriving
        if arriving is not None:
            self.unfinished = False
            self.arriving = None
            if arriving.deadline is not None:
                arriving.deadline.cancel()
            parts, arriving.parts = arriving.parts, []
            body = parts[0] if len(parts) == 1 else b"".join(parts)
            self.intake.take(arriving.route, self._request(arriving, body), arriving.answer)
        elif self.draining is not None:
            self.transport.close()
        else:
            super().on_message_complete()

    # -- steps -------------------------------------------------------------------------------------------------------

    def _leave_lane(self) -> None:
        """Do what uvicorn does at the head of a request, from its beginning on."""
        self.unfinished = False
        url, headers = self.url, self.headers
        HttpToolsProtocol.on_message_begin(self)
        self.url = url
        for name, value in headers:
            HttpToolsProtocol.on_header(self, name, value)
        HttpToolsProtocol.on_headers_complete(self)

    def _begin(self, route: Route, path: str, query: str, headers: Mapping[str, str]) -> None:
        keep_alive = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        request = LaneRequest(self, route, path, query, headers, keep_alive)
        self.arriving = request
        self.cycle = request  # type: ignore[assignment]  # looks like one, as far as the protocol looks
        declared = headers.get("content-length")
        if declared is not None and int(declared) > route.max_body_bytes:
            self._refuse(request, too_large(route.max_body_bytes))

    def _request(self, request: LaneRequest, body: bytes) -> CaptureRequest:
        headers = request.headers
        return CaptureRequest(
            method="POST",
            path=request.path,
            query=request.query,
            headers=headers,
            body=body,
            client_ip=self.intake.client_address(self.client[0] if self.client else "", headers.get("x-forwarded-for")),
            received_at=time.time_ns() // 1000,
        )

    def send_reply(self, request: LaneRequest, reply: Reply) -> None:
        """Write an answer and go on as uvicorn does after a response."""
        self._release(request)
        request.response_complete = True
        if self.transport.is_closing():  # the client has gone; what it sent is stored all the same
            return
        self.transport.write(self._rendered(reply, request.keep_alive))
        if not request.keep_alive:
            self.transport.close()
        self.on_response_complete()
        if self.flow.write_paused:
            self.held_back = True
            self.flow.pause_reading()

    def _refuse(self, request: LaneRequest, error: Refused | Retryable) -> None:
        """Answer a request whose body has not come whole; read on for a while, since closing at once may reset the answer away."""
        self.unfinished = False
        self.arriving = None
        request.parts = []
        request.keep_alive = False
        request.response_complete = True
        self._release(request)
        self.server_state.total_requests += 1
        self.transport.write(self._rendered(self.intake.refuse(request.route, self._request(request, b""), error), keep_alive=False))
        self.draining = self.loop.call_later(DRAIN_SECONDS, self.transport.close)

    def _late(self, request: LaneRequest) -> None:
        if self.arriving is request:
            self._refuse(request, too_slow(self.intake.bodies.seconds))
            self.transport.close()

    def _release(self, request: LaneRequest) -> None:
        self.intake.bodies.release(request.held)
        request.held = 0
        if request.deadline is not None:
            request.deadline.cancel()

    def _rendered(self, reply: Reply, keep_alive: bool) -> bytes:
        defaults, head = self.rendered_defaults
        if defaults is not self.server_state.default_headers:  # uvicorn makes a new list every second, for the date
            defaults = self.server_state.default_headers
            head = b"".join(b"%b: %b\r\n" % header for header in defaults)
            self.rendered_defaults = (defaults, head)
        more = "".join([f"{name}: {value}\r\n" for name, value in reply.headers]).encode("latin-1") if reply.headers else b""
        close = b"" if keep_alive else b"connection: close\r\n"
        if reply.status in WITHOUT_BODY:
            return b"%b%b%b%b\r\n" % (STATUS_LINE[reply.status], head, more, close)
        content = _content_type(reply.content_type)
        body = reply.body
        return b"%b%b%b%b%bcontent-length: %d\r\n\r\n%b" % (STATUS_LINE[reply.status], head, more, close, content, len(body), body)


@lru_cache(maxsize=64)
def _content_type(name: str) -> bytes:
    return f"content-type: {name}\r\n".encode("latin-1")


def lane_protocol(intake: Intake, routes: Routes) -> type[LaneProtocol]:
    """Make the protocol class of one worker, for uvicorn to make one of per connection."""
    return type("BoundLaneProtocol", (LaneProtocol,), {"intake": intake, "routes": routes})
