"""Runs one web worker: uvicorn with or without the fast lane, from the first request to the last answer. Composes no application."""

import asyncio
import contextlib
import gc
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import uvicorn

from jackfield.capture.asgi import App
from jackfield.capture.intake import Intake
from jackfield.capture.routes import Routes
from jackfield.host.configuration import Configuration
from jackfield.web.lane import lane_protocol
from jackfield.web.lane_head import BoundedHeadProtocol

KEEP_ALIVE_SECONDS = 75
"""Longer than the 60 s of usual proxies, so that it is they who close idle connections, never in the midst of a request."""
GRACE_SECONDS = 30
BACKLOG = 2048


async def serve(app: App, *, routes: Routes, intake: Intake, configuration: Configuration, sockets: Sequence[socket.socket]) -> None:
    """Serve until SIGTERM or SIGINT; then accept nothing more, finish what has begun, commit the log's last group, and return.

    Run it on the loop that the log writer answers on: `asyncio.Runner(loop_factory=uvloop.new_event_loop)`.

    Args:
        app: the whole ASGI application, lifespan included; `capture_app` is its outermost layer.
        sockets: bound; they are closed at the end.
    """
    protocol = lane_protocol(intake, routes) if configuration.fast_lane else BoundedHeadProtocol
    gc.collect()
    gc.freeze()  # what was loaded at boot stays; looking through it again would stop every request for tens of milliseconds
    try:
        await WebServer(uvicorn_configuration(app, protocol)).serve(sockets=list(sockets))
    finally:
        # In a thread: the last group's answers still come through this loop.
        await asyncio.get_running_loop().run_in_executor(None, intake.close)


def uvicorn_configuration(app: App, protocol: type[asyncio.Protocol]) -> uvicorn.Config:
    """Return uvicorn's settings: only what differs from a bare server."""
    settings: dict[str, Any] = {
        "http": protocol,
        "ws": "none",
        "lifespan": "off",
        "interface": "asgi3",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # trusted proxies are the intake's and the bridge's affair
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "backlog": BACKLOG,
    }
    return uvicorn.Config(app, **settings)


class WebServer(uvicorn.Server):
    """uvicorn's server, except that a signal only ends the serving: the process has something to finish afterwards."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT without raising them again in the end, as uvicorn does."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
