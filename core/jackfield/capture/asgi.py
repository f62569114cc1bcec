"""Capture as a plain ASGI application: what its routes own is read and taken, the rest handed on. The fast lane does the same, faster."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, TypeAlias

from jackfield.capture.bodies import too_large, too_many, too_slow
from jackfield.capture.intake import Intake
from jackfield.capture.routes import Route, Routes
from jackfield_sdk import CaptureRequest, Refused, Reply, Retryable
from jackfield_sdk.capture import error_status

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

WITHOUT_BODY = (204, 304)
"""Statuses that end with their headers, by HTTP."""

DRAIN_SECONDS = 3.0
"""How long the rest of a refused body is read and thrown away: closing at once would reset the connection before the answer is read."""


def capture_app(intake: Intake, routes: Routes, fallback: App) -> App:
    """Serve what `routes` owns through `intake`, and the rest, websockets and lifespan included, through `fallback`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        route = routes.find(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await fallback(scope, receive, send)
        else:
            await _Exchange(intake, route, receive, send).run(scope)

    return app


class _Gone(Exception):  # noqa: N818 - nobody waits for an answer any more
    pass


class _Exchange:
    """One request and its answer."""

    def __init__(self, intake: Intake, route: Route, receive: Receive, send: Send) -> None:
        self._intake = intake
        self._route = route
        self._receive = receive
        self._send = send
        self._held = 0

    async def run(self, scope: Scope) -> None:
        headers = header_mapping(scope["headers"])
        request = self._request(scope, headers, b"")
        try:
            try:
                body = await self._read_body(headers.get("content-length"))
            except (Refused, Retryable) as error:
                self._release()
                reply = self._intake.refuse(self._route, request, error)
                await self._refuse(reply, drain_seconds=0.0 if error_status(error) == 408 else DRAIN_SECONDS)
                return
            await self._answer(self._request(scope, headers, body))
        except _Gone:
            return
        finally:
            self._release()

    def _release(self) -> None:
        self._intake.bodies.release(self._held)
        self._held = 0

    def _request(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> CaptureRequest:
        return CaptureRequest(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            client_ip=self._intake.client_address((scope.get("client") or ("",))[0], headers.get("x-forwarded-for")),
            received_at=time.time_ns() // 1000,
        )

    async def _read_body(self, declared: str | None) -> bytes:
        limit = self._route.max_body_bytes
        if declared is not None and int(declared) > limit:
            raise too_large(limit)
        parts: list[bytes] = []
        bodies = self._intake.bodies
        try:
            async with asyncio.timeout(bodies.seconds):
                more = True
                while more:
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        raise _Gone
                    part = message.get("body", b"")
                    more = message.get("more_body", False)
                    self._held += len(part)
                    fits = bodies.hold(len(part))
                    if self._held > limit:
                        raise too_large(limit)
                    if not fits:
                        raise too_many()
                    parts.append(part)
        except TimeoutError:
            raise too_slow(bodies.seconds) from None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _answer(self, request: CaptureRequest) -> None:
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def answer(reply: Reply) -> None:
            if not answered.done():  # cancelled, when the server stops and does not wait any longer
                answered.set_result(reply)

        self._intake.take(self._route, request, answer)
        reply = await answered
        await self._start(reply)
        await self._send({"type": "http.response.body", "body": b"" if reply.status in WITHOUT_BODY else reply.body})

    async def _refuse(self, reply: Reply, *, drain_seconds: float) -> None:
        """Answer before the body has come whole: at once, and then read on for a while before the connection ends."""
        await self._start(reply, (b"connection", b"close"))
        await self._send({"type": "http.response.body", "body": reply.body, "more_body": True})
        try:
            async with asyncio.timeout(drain_seconds):
                more = True
                while more:
                    message = await self._receive()
                    more = message.get("more_body", False)
        except TimeoutError:
            pass
        await self._send({"type": "http.response.body"})

    async def _start(self, reply: Reply, *more: tuple[bytes, bytes]) -> None:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        headers.extend(more)
        if reply.status not in WITHOUT_BODY:
            headers.append((b"content-type", reply.content_type.encode("latin-1")))
            headers.append((b"content-length", b"%d" % len(reply.body)))
        await self._send({"type": "http.response.start", "status": reply.status, "headers": headers})


def header_mapping(raw: Sequence[tuple[bytes, bytes]], separators: Mapping[str, str] = {}) -> dict[str, str]:
    """Turn raw headers into a mapping; values of a repeated name are joined.

    Args:
        separators: what joins them, by name, where it is not a comma.
    """
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) != len(raw):
        headers = {}
        for name, value in ((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw):
            headers[name] = headers[name] + separators.get(name, ", ") + value if name in headers else value
    return headers
