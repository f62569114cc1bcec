"""A real `jackfield up` on an empty data folder, and what to ask of it."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.processes import Cpu, cpu_of, tree
from jackfield.storage.log_file import log_files
from jackfield.storage.query_client import SocketEventStore
from jackfield_sdk.query import QueryLimits

TOKEN: Final = "phc_bench"
READY_SECONDS: Final = 60.0
QUERYABLE_SECONDS: Final = 180.0
SETTLE_SECONDS: Final = 2.0


class Server:
    """Jackfield, started and ready; stopped and its data thrown away at the end."""

    def __init__(self, **environment: str) -> None:
        """Remember settings beyond those of a bench: `JACKFIELD_…`."""
        self.folder = Path(tempfile.mkdtemp(prefix="jackfield-bench-"))
        self.port = free_port()
        self._environment = {
            **os.environ,
            "JACKFIELD_DATA_DIR": str(self.folder / "data"),
            "JACKFIELD_PORT": str(self.port),
            "JACKFIELD_DURABILITY": "fsync",
            "JACKFIELD_BOOTSTRAP_PASSWORD": "bench only",
            "JACKFIELD_BOOTSTRAP_PROJECT_TOKEN": TOKEN,
            **environment,
        }
        self.seconds_to_ready = 0.0
        self._process: subprocess.Popen[bytes]
        self._store = SocketEventStore(self.folder / "data" / "run" / "engine.sock")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if problem is None:
            shutil.rmtree(self.folder)
        else:
            print(f"the data of the failed run are kept in {self.folder}", file=sys.stderr)

    @property
    def root(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until events are taken and queries are answered."""
        begun = time.monotonic()
        with (self.folder / "log.txt").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jackfield.cli.main", "up"], env=self._environment, stdout=output, stderr=subprocess.STDOUT
            )
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - begun > READY_SECONDS:
                self.stop()
                raise RuntimeError("Jackfield did not start:\n" + (self.folder / "log.txt").read_text()[-4000:])
            time.sleep(0.02)
        self.seconds_to_ready = time.monotonic() - begun

    def stop(self) -> None:
        """Stop everything, in good order if it can be."""
        self._store.close()
        processes = tree(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            for pid in processes:
                os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def cpu(self) -> Cpu:
        """Read what the whole tree has used so far."""
        return cpu_of(self.root)

    def count(self) -> int:
        """Count events by a query."""
        return int(self._value("SELECT count() FROM jackfield.events"))

    def count_distinct(self) -> int:
        """Count uuids by a query."""
        return int(self._value("SELECT uniqExact(uuid) FROM jackfield.events"))

    def wait_until_queryable(self, events: int) -> float:
        """Wait until a query counts so many events; returns when that was, by the monotonic clock.

        The query is asked once the log is empty: asked all the time it would be part of what is measured.

        Raises:
            RuntimeError: it counts more, or does not get there.
        """
        deadline = time.monotonic() + QUERYABLE_SECONDS
        while self._log_holds_records() or (found := self.count()) < events:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.count()} of {events} events are queryable after {QUERYABLE_SECONDS} seconds")
            time.sleep(0.02)
        if found > events:
            raise RuntimeError(f"{found} events are queryable, but {events} were sent")
        return time.monotonic()

    def _log_holds_records(self) -> bool:
        for _, path in log_files(self.folder / "data" / "log", "events"):
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
                if connection.execute("SELECT 1 FROM log LIMIT 1").fetchone():
                    return True
        return False

    def _value(self, sql: str) -> int | str:
        rows = self._store.query(sql, {}, limits=QueryLimits(seconds=60, memory_bytes=1 << 30)).rows
        return rows[0][0]  # type: ignore[return-value]

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/_ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
