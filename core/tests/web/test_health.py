"""What `/_ready` says of parts that work, fail, or hang."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from jackfield.capture.asgi import Message
from jackfield.web import health
from jackfield.web.health import Part, health_app


class Hanging:
    """A check that does not come back until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.gate = threading.Event()

    def __call__(self) -> str | None:
        self.begun += 1
        self.gate.wait(20)
        return None


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.2)
    check = Hanging()
    yield check
    check.gate.set()


async def elsewhere(*_: object) -> None:
    raise AssertionError("health answers this itself")


def asking(parts: list[Part], work: Callable[[Callable[[str], Awaitable[tuple[int, Any]]]], Awaitable[None]]) -> None:
    """Run `work` with a function that asks for a path and query."""
    app = health_app(parts, elsewhere)

    async def ask(target: str) -> tuple[int, Any]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        path, _, query = target.partition("?")
        await app({"type": "http", "path": path, "query_string": query.encode()}, elsewhere, send)  # type: ignore[arg-type]
        body = sent[1]["body"]
        return sent[0]["status"], json.loads(body) if body.startswith(b"{") else body

    asyncio.run(work(ask))  # type: ignore[arg-type]


def parts_with(engine: Callable[[], str | None]) -> list[Part]:
    return [
        Part(name="log", check=lambda: None, needed_for=["capture"]),
        Part(name="engine", check=engine, needed_for=["query"]),
        Part(name="plugins", check=lambda: "bees: cannot be built"),
    ]


def test_a_part_that_fails_is_named_with_its_reason() -> None:
    def fails() -> str | None:
        raise OSError("gone")

    async def work(ask: Any) -> None:
        assert await ask("/_ready") == (
            503,
            {"ready": False, "parts": {"log": "ok", "engine": "OSError: gone", "plugins": "bees: cannot be built"}},
        )

    asking(parts_with(fails), work)


def test_a_part_that_hangs_is_said_not_to_answer(hanging: Hanging) -> None:
    async def work(ask: Any) -> None:
        status, document = await ask("/_ready")
        hanging.gate.set()

        assert (status, document["parts"]["engine"]) == (503, "does not answer within 0.2 s")

    asking(parts_with(hanging), work)


def test_who_asks_for_capture_does_not_wait_for_the_engine(hanging: Hanging) -> None:
    async def work(ask: Any) -> None:
        assert await ask("/_ready?for=capture") == (200, {"ready": True, "parts": {"log": "ok"}})

    asking(parts_with(hanging), work)

    assert hanging.begun == 0


def test_probes_of_a_part_that_hangs_wait_for_the_same_check(hanging: Hanging) -> None:
    async def work(ask: Any) -> None:
        answers = [*await asyncio.gather(*(ask("/_ready?for=query") for _ in range(20))), await ask("/_ready?for=query")]
        begun = hanging.begun
        hanging.gate.set()
        await asyncio.sleep(0.1)

        assert {status for status, _ in answers} == {503}
        assert begun == 1
        assert await ask("/_ready?for=query") == (200, {"ready": True, "parts": {"engine": "ok"}})

    asking(parts_with(hanging), work)


@pytest.mark.parametrize("path", ["/_liveness", "/_readiness"])
def test_load_balancers_of_other_servers_are_answered(path: str) -> None:
    async def work(ask: Any) -> None:
        assert await ask(path) == (200, b"capture")

    asking([], work)
