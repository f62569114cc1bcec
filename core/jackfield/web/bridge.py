"""Runs a WSGI application under ASGI, in threads: the thin way to Django, with bounded bodies and streamed answers."""

import asyncio
import logging
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TypeAlias

from jackfield.capture.asgi import Message, Receive, Scope, Send, header_mapping
from jackfield.capture.client_address import TrustedProxies
from jackfield_sdk import Refused, Retryable
from jackfield_sdk.capture import error_status

log = logging.getLogger(__name__)

WsgiApplication: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

MAX_BODY_BYTES = 10 * 1024 * 1024
SPOOL_BYTES = 256 * 1024
"""A longer body waits in a file, not in memory."""
MAX_WAITING = 256
"""Requests that run or wait for a thread; beyond, 503."""
CHUNKS_AHEAD = 8
"""How far an application may run ahead of a slow reader."""
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port")


class WsgiBridge:
    """An ASGI application around a WSGI one. One per web worker."""

    def __init__(self, application: WsgiApplication, *, threads: int, proxies: TrustedProxies, body_seconds: float) -> None:
        """Start the thread pool.

        Args:
            threads: requests that run at the same time.
            proxies: whose forwarding headers reach the application; those of others are taken away.
            body_seconds: how long the body of a request may take to arrive.
        """
        self._application = application
        self._proxies = proxies
        self._body_seconds = body_seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if self._waiting >= MAX_WAITING:
            await _send_error(send, Retryable("The server is busy; try again in a moment."))
            return
        self._waiting += 1
        try:
            with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as body:
                try:
                    size = await self._read_body(receive, body)
                except (Refused, Retryable) as error:
                    await _send_error(send, error)
                    return
                if size is not None:
                    await _Call(self._application, self._environ(scope, body, size)).run(self._pool, receive, send)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Wait for requests that run, then end the threads."""
        self._pool.shutdown()

    async def _read_body(self, receive: Receive, body: IO[bytes]) -> int | None:
        """Return the body's length, None when the client has gone."""
        size = 0
        try:
            async with asyncio.timeout(self._body_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    part = message.get("body", b"")
                    more = message.get("more_body", False)
                    size += len(part)
                    if size > MAX_BODY_BYTES:
                        raise Refused(f"The body is longer than {MAX_BODY_BYTES} bytes.", status=413)
                    body.write(part)
        except TimeoutError:
            raise Refused(f"The body did not arrive within {self._body_seconds:g} seconds.", status=408) from None
        body.seek(0)
        return size

    def _environ(self, scope: Scope, body: IO[bytes], size: int) -> dict[str, Any]:
        headers = header_mapping(scope["headers"], {"cookie": "; "})
        peer = (scope.get("client") or ("",))[0]
        scheme = scope["scheme"]
        if not self._proxies.trusts(peer):
            headers = {name: value for name, value in headers.items() if name not in FORWARDED}
        elif headers.get("x-forwarded-proto", scheme) in ("http", "https"):
            scheme = headers.get("x-forwarded-proto", scheme)
        server = scope.get("server") or ("localhost", 80)
        return {
            "REQUEST_METHOD": scope["method"],
            "SCRIPT_NAME": scope.get("root_path", ""),
            "PATH_INFO": scope["path"].encode().decode("latin-1"),
            "QUERY_STRING": scope["query_string"].decode("latin-1"),
            "SERVER_NAME": server[0],
            "SERVER_PORT": str(server[1] or 80),
            "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
            "REMOTE_ADDR": self._proxies.client(peer, headers.get("x-forwarded-for")),
            "CONTENT_TYPE": headers.pop("content-type", ""),
            "CONTENT_LENGTH": str(size),
            **_header_variables(headers),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.input": body,
            "wsgi.input_terminated": True,
            "wsgi.errors": _ErrorLog(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }


class _Call:
    """One request: the application runs in a thread and hands messages to the event loop, which sends them."""

    def __init__(self, application: WsgiApplication, environ: dict[str, Any]) -> None:
        self._application = application
        self._environ = environ
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[list[Message] | Exception | None] = asyncio.Queue()
        self._room = threading.Semaphore(CHUNKS_AHEAD)
        self._gone = threading.Event()
        self._start: Message | None = None  # waits for the first chunk, to travel with it
        self._length = 0
        self._started = False
        self._complete = False

    async def run(self, pool: ThreadPoolExecutor, receive: Receive, send: Send) -> None:
        """Start the application and send what it gives until it ends."""
        pool.submit(self._run)
        watch: asyncio.Task[None] | None = None
        try:
            while (messages := await self._messages.get()) is not None:
                if isinstance(messages, Exception):
                    raise messages
                for message in messages:
                    await send(message)
                self._room.release()
                if watch is None and messages[-1]["more_body"]:  # streaming: only then may the client leave in between
                    watch = asyncio.create_task(self._watch(receive))
        finally:
            self._gone.set()
            if watch is not None:
                watch.cancel()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone.set()

    # -- in the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            chunks = self._application(self._environ, self._start_response)
            try:
                for chunk in chunks:
                    if self._gone.is_set():
                        break
                    if chunk:
                        self._put(chunk)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
            self._put_last()
        except Exception as problem:  # a border: the loop raises it, the server answers 500 or cuts the connection
            self._hand_over(problem)
        else:
            self._hand_over(None)

    def _start_response(self, status: str, headers: "list[tuple[str, str]]", exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info is not None and self._started:
            raise exc_info[1].with_traceback(exc_info[2])
        self._length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._start = {"type": "http.response.start", "status": int(status[:3]), "headers": raw}
        return self._put

    def _put(self, chunk: bytes) -> None:
        """Hand a chunk to the loop; the answer's start goes with the first, and its end with a chunk that is all there is."""
        while not self._room.acquire(timeout=1):
            if self._gone.is_set():
                return
        if not self._complete:
            messages = self._pending_start()
            self._complete = bool(messages) and len(chunk) == self._length
            self._hand_over([*messages, {"type": "http.response.body", "body": chunk, "more_body": not self._complete}])

    def _put_last(self) -> None:
        if not self._complete:
            self._hand_over([*self._pending_start(), {"type": "http.response.body", "body": b"", "more_body": False}])

    def _pending_start(self) -> list[Message]:
        self._started = True
        start, self._start = self._start, None
        return [] if start is None else [start]

    def _hand_over(self, item: "list[Message] | Exception | None") -> None:
        self._loop.call_soon_threadsafe(self._messages.put_nowait, item)


class _ErrorLog:
    """Takes what an application writes to `wsgi.errors`."""

    def write(self, text: str) -> None:
        log.error("%s", text.rstrip())

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        return


def _header_variables(headers: Mapping[str, str]) -> dict[str, str]:
    # A name with an underscore could pass for one with a hyphen that a proxy has checked or set.
    return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items() if "_" not in name and name != "content-length"}


async def _send_error(send: Send, error: Refused | Retryable) -> None:
    body = f"{error}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    if isinstance(error, Retryable):
        headers.append((b"retry-after", b"%d" % error.retry_after_seconds))
    await send({"type": "http.response.start", "status": error_status(error), "headers": headers})
    await send({"type": "http.response.body", "body": body})
