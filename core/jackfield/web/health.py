"""`/_live` and `/_ready`: what a load balancer or a person asks. Each part says whether it works; nothing is secret."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from jackfield.capture.asgi import App, Receive, Scope, Send

CHECK_SECONDS = 3.0
BARE_PATHS = ("/_liveness", "/_readiness")
"""What load balancers ask that were set up for another server of events: they want a 200 and no more."""
PATHS = ("/_live", "/_ready", *BARE_PATHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the server.

    Args:
        check: returns None when the part works, else what is wrong; may block.
        needed_for: "capture" and "query" decide readiness; a part needed for neither is only shown.
    """

    name: str
    check: Callable[[], str | None]
    needed_for: Sequence[str] = ()


def health_app(parts: Sequence[Part], fallback: App) -> App:
    """Answer the health paths and hand on the rest."""
    running: dict[str, asyncio.Task[str | None]] = {}

    async def state(part: Part) -> str | None:
        check = running.get(part.name)
        if check is None:  # one at a time: probes of a part that hangs must not take thread after thread
            check = running[part.name] = asyncio.create_task(asyncio.to_thread(_checked, part))
            check.add_done_callback(lambda _: running.pop(part.name))
        done, _ = await asyncio.wait([check], timeout=CHECK_SECONDS)
        return check.result() if done else f"does not answer within {CHECK_SECONDS:g} s"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS:
            await fallback(scope, receive, send)
        elif scope["path"] in BARE_PATHS:
            await _answer(send, 200, b"capture", b"text/plain")
        elif scope["path"] == "/_live":
            await _answer(send, 200, _document({"live": True}))
        else:
            purposes = parse_qs(scope["query_string"].decode("latin-1")).get("for")
            asked = [part for part in parts if purposes is None or set(part.needed_for) & set(purposes)]
            states = await asyncio.gather(*map(state, asked))
            ready = all(state is None for part, state in zip(asked, states, strict=True) if part.needed_for)
            shown = {part.name: state or "ok" for part, state in zip(asked, states, strict=True)}
            await _answer(send, 200 if ready else 503, _document({"ready": ready, "parts": shown}))

    return app


def _checked(part: Part) -> str | None:
    try:
        return part.check()
    except Exception as problem:  # a border: a part whose check fails is a part that does not work
        return f"{type(problem).__name__}: {problem}"


def _document(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, indent=1).encode() + b"\n"


async def _answer(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
