"""A `jackfield up` that runs for a while."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """A server that is ready."""

    process: "subprocess.Popen[str]"
    port: int

    def get(self, path: str) -> tuple[int, Any]:
        """Ask, and read JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def ready(self) -> Any:
        """Ask `/_ready`."""
        return self.get("/_ready")[1]

    def engine(self) -> int:
        """Return the process id of the engine."""
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if words[3:5] == [b"process", b"engine"] and str(self.process.pid).encode() in words:
                    return int(entry.name)
        raise AssertionError("no engine runs")


Up = Callable[..., AbstractContextManager[Running]]


@contextlib.contextmanager
def running(folder: Path, *, prefix: tuple[str, ...] = (), **settings: str) -> Iterator[Running]:
    """Run `jackfield up` until the block ends.

    Args:
        prefix: words before the command.
    """
    port = free_port()
    environment = command_environment(folder, **{"JACKFIELD_PORT": str(port), **settings})
    command = [*prefix, sys.executable, "-m", "jackfield.cli.main", "up"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        server = Running(process, port)
        try:
            _wait(server)
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=40)


def _wait(server: Running) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, "it has ended"
        with contextlib.suppress(OSError, http.client.HTTPException):
            if server.get("/_ready")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError("it does not get ready")


def command_environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return an environment in which nothing but these settings counts, and the plugins in `folder / "plugins"` are installed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JACKFIELD_")}
    return {**clean, "JACKFIELD_DATA_DIR": str(folder / "data"), "JACKFIELD_PORT": "0", "PYTHONPATH": str(folder / "plugins"), **settings}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
