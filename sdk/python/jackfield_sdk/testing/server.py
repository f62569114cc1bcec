"""A real server in processes of its own, for tests that need sockets, SDKs or a browser."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running `jackfield up` and how to get in."""

    host: str
    port: int
    token: str
    api_key: str
    email: str
    password: str
    data_dir: Path
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Address without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def request(self, method: str, path: str, body: bytes | str = b"", headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Send one request; returns status and body."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def capture(self, events: object) -> dict[str, object]:
        """Send events to `/v1/events`; returns the answer."""
        status, body = self.request("POST", "/v1/events", json.dumps(events), {"Authorization": f"Bearer {self.token}"})
        if status != 200:
            raise AssertionError(f"/v1/events answered {status}: {body.decode()}")
        answer: dict[str, object] = json.loads(body)
        return answer

    def graphql(self, query: str) -> dict[str, object]:
        """Ask the API with the personal key."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        _, body = self.request("POST", "/graphql", json.dumps({"query": query}), headers)
        document = json.loads(body)
        if document.get("errors"):
            raise AssertionError(f"the API answered with errors: {document['errors']}")
        data: dict[str, object] = document["data"]
        return data

    def ready(self) -> bool:
        """Tell whether events are accepted and queries answered."""
        try:
            return self.request("GET", "/_ready")[0] == 200
        except (OSError, http.client.HTTPException):
            return False


@contextmanager
def running_server(data_dir: Path, *, python: str = sys.executable, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start `jackfield up`, wait until it is ready, and stop it at the end.

    Args:
        data_dir: kept afterwards; starting again with the same folder finds the same data.
        python: interpreter of the environment that Jackfield is installed in.
        environment: `JACKFIELD_…` variables on top of those that this sets.

    Raises:
        AssertionError: it did not become ready; the message holds what it printed.
    """
    port = _free_port()
    settings = {
        "JACKFIELD_HOST": "127.0.0.1",
        "JACKFIELD_PORT": str(port),
        "JACKFIELD_DATA_DIR": str(data_dir),
        "JACKFIELD_BOOTSTRAP_EMAIL": "ada@example.com",
        "JACKFIELD_BOOTSTRAP_PASSWORD": "correct horse battery",
        "JACKFIELD_BOOTSTRAP_PROJECT_TOKEN": "phc_of_the_test_server",
        "JACKFIELD_BOOTSTRAP_PERSONAL_API_KEY": "phx_of_the_test_server",
        **(environment or {}),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("JACKFIELD_")}
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [python, "-m", "jackfield.cli.main", "up"], env={**inherited, **settings}, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        server = Server(
            host="127.0.0.1",
            port=port,
            token=settings["JACKFIELD_BOOTSTRAP_PROJECT_TOKEN"],
            api_key=settings["JACKFIELD_BOOTSTRAP_PERSONAL_API_KEY"],
            email=settings["JACKFIELD_BOOTSTRAP_EMAIL"],
            password=settings["JACKFIELD_BOOTSTRAP_PASSWORD"],
            data_dir=data_dir,
            process=process,
        )
        try:
            _wait_until_ready(server)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not server.ready():
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The server is not ready:\n{(server.data_dir / 'server.log').read_text()[-4000:]}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
