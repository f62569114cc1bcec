"""A real `jackfield up` on a folder of the test's own, and what tests do to it: kill, hold, ask."""

import contextlib
import http.client
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jackfield.errors import StoreUnavailable
from jackfield.storage.log_file import log_files
from jackfield.storage.query_client import SocketEventStore
from jackfield_sdk.query import QueryLimits

TOKEN = "phc_faults"
HOOKS = Path(__file__).parent / "hooks"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Installation:
    """Jackfield as it is started by people, with faults to order."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Remember what to start; `settings` are variables without their `JACKFIELD_`."""
        self.folder = folder
        self.orders = folder / "orders"
        self.orders.mkdir()
        self.port = _free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JACKFIELD_") or name == "JACKFIELD_PLUGINS_DISABLED"}
        self._environment = {
            **inherited,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(HOOKS), os.environ.get("PYTHONPATH")])),
            "JACKFIELD_TEST_FAULTS": str(self.orders),
            "JACKFIELD_DATA_DIR": str(folder / "data"),
            "JACKFIELD_PORT": str(self.port),
            "JACKFIELD_BOOTSTRAP_PASSWORD": "tests only",
            "JACKFIELD_BOOTSTRAP_PROJECT_TOKEN": TOKEN,
            **{f"JACKFIELD_{name.upper()}": value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes]
        self._store = SocketEventStore(folder / "data" / "run" / "engine.sock")

    # -- its life ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start, and wait until it is ready."""
        with (self.folder / "log.txt").open("ab") as output:
            command = [sys.executable, "-m", "jackfield.cli.main", "up"]
            self._process = subprocess.Popen(command, env=self._environment, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder)
        self.wait_until(lambda: self.is_ready("capture") and self.is_ready("query"))

    def stop(self) -> None:
        """Stop in good order, and check that no process is left."""
        processes = self._tree()
        self._process.terminate()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            for pid in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            raise
        finally:
            self._store.close()
        left = [pid for pid in processes if Path(f"/proc/{pid}").exists()]
        assert not left, f"processes {left} outlived the supervisor"

    def process(self, name: str) -> int | None:
        """Find the process id of `engine` or `web`, None while there is none."""
        for pid in self._tree():
            words = _command(pid)
            if words[3:5] == ["process", name]:
                return pid
        return None

    def kill(self, name: str) -> None:
        """Kill a process with SIGKILL, as soon as there is one."""
        self.wait_until(lambda: self.process(name) is not None)
        pid = self.process(name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.wait_until(lambda: self.process(name) != pid)

    # -- orders to the hooks -----------------------------------------------------------------------------------------

    def order(self, name: str) -> None:
        """Give an order to the hooks, see `hooks/sitecustomize.py`."""
        (self.orders / name).touch()

    def withdraw(self, name: str) -> None:
        """Take an order back."""
        (self.orders / name).unlink(missing_ok=True)

    def deaths(self, place: str) -> list[str]:
        """Return the tokens of the batches at which the engine died as ordered."""
        proof = self.orders / f"died-{place}"
        return proof.read_text().split() if proof.exists() else []

    def limit_files(self, name: str, size: int | None) -> None:
        """Let no file that a process writes grow beyond `size` bytes: to it, the disk is full. None lifts the limit."""
        pid = self.process(name)
        assert pid is not None
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY if size is None else size, hard))

    # -- questions ---------------------------------------------------------------------------------------------------

    def send(self, body: bytes, *, path: str = "/v1/events", method: str = "POST") -> Answer:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {TOKEN}"})
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def is_ready(self, purpose: str) -> bool:
        """Ask `/_ready` for "capture" or "query"."""
        try:
            return self.send(b"", method="GET", path=f"/_ready?for={purpose}").status == 200
        except OSError:
            return False

    def stored(self) -> list[str]:
        """Return the uuids of all events in the store: a plain SELECT, without FINAL or DISTINCT."""
        limits = QueryLimits(seconds=60, memory_bytes=1 << 30, result_rows=10_000_000, result_bytes=1 << 30)
        return [str(uuid) for (uuid,) in self._store.query("SELECT uuid FROM jackfield.events", {}, limits=limits).rows]

    def dead_letters(self) -> list[tuple[str, int | None, str]]:
        """Return plugin, position and reason of all dead letters."""
        return self._log("SELECT plugin, position, reason FROM dead_letter ORDER BY id")

    def wait_until_empty(self, *, seconds: float = 60.0) -> None:
        """Wait until the engine has taken everything from the log, and answers."""
        self.wait_until(lambda: not self._log("SELECT 1 FROM log LIMIT 1") and not self._log("SELECT 1 FROM plan LIMIT 1"), seconds=seconds)
        self.wait_until(self._answers, seconds=seconds)

    def wait_until(self, condition: Callable[[], bool], *, seconds: float = 40.0) -> None:
        """Wait for something to become true; shows the log when it does not."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("it did not come true; the log ends with\n" + (self.folder / "log.txt").read_text()[-3000:])
            time.sleep(0.02)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _answers(self) -> bool:
        try:
            self._store.query("SELECT 1", {})
        except StoreUnavailable:
            return False
        return True

    def _log(self, sql: str) -> list[tuple[str, int | None, str]]:
        rows: list[tuple[str, int | None, str]] = []
        for _, path in log_files(self.folder / "data" / "log", "events"):
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
                rows += connection.execute(sql).fetchall()
        return rows

    def _tree(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    children.setdefault(parent, []).append(int(entry.name))
        found = [self._process.pid]
        for pid in found:  # grows while it is walked
            found += children.get(pid, [])
        return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
