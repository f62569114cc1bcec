"""`/_live` and `/_ready`: what a load balancer or a person asks. Each part says whether it works; nothing is secret."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from jackfield.capture.asgi import App, Receive, Scope, Send

CHECK_SECONDS = 3.0


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

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in ("/_live", "/_ready"):
            await fallback(scope, receive, send)
        elif scope["path"] == "/_live":
            await _answer(send, 200, {"live": True})
        else:
            purposes = parse_qs(scope["query_string"].decode("latin-1")).get("for") or ["capture", "query"]
            states = await asyncio.gather(*(_state(part) for part in parts))
            ready = all(state is None for part, state in zip(parts, states, strict=True) if set(part.needed_for) & set(purposes))
            shown = {part.name: "ok" if state is None else state for part, state in zip(parts, states, strict=True)}
            await _answer(send, 200 if ready else 503, {"ready": ready, "parts": shown})

    return app


def _state(part: Part) -> Awaitable[str | None]:
    return asyncio.wait_for(asyncio.to_thread(_checked, part), CHECK_SECONDS)


def _checked(part: Part) -> str | None:
    try:
        return part.check()
    except Exception as problem:  # a border: a part whose check fails is a part that does not work
        return f"{type(problem).__name__}: {problem}"


async def _answer(send: Send, status: int, document: Mapping[str, object]) -> None:
    body = json.dumps(document, indent=1).encode() + b"\n"
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
