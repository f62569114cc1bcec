"""The same load on other servers, in the same run: a bound, a null request, and PostgreSQL with one INSERT per event."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from bench.capture import Load
from bench.load import Generator, Order
from bench.processes import cpu_of
from bench.server import free_port

NULL_MICROSECONDS: Final = 23.5
"""CPU of a null request on the machine that the targets were set on (`uvicorn ASGI` in the design's table)."""

CREATE: Final = """CREATE TABLE events (
    uuid uuid PRIMARY KEY, event text NOT NULL, distinct_id text NOT NULL, timestamp timestamptz NOT NULL, properties jsonb NOT NULL)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerResult:
    """What a peer did with a load. CPU is that of the server and, where there is one, of its database."""

    cpu_per_event: float
    cpu_per_request: float
    events_per_second: float
    p99: float


def run_null(load: Load, requests: int) -> PeerResult:
    """Measure a request of which nothing is kept or even read."""
    return _run_app("null", load, requests, {}, [])


def run_bound(load: Load, requests: int) -> PeerResult:
    """Measure an application that parses and answers."""
    return _run_app("parse", load, requests, {}, [])


def run_postgres(load: Load, requests: int) -> PeerResult:
    """Measure an application that inserts every event by itself, and answers after the commit; PostgreSQL syncs as it does by default."""
    with _postgres() as (url, postmaster):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(CREATE)
        result = _run_app("insert", load, requests, {"BENCH_POSTGRES_URL": url}, [postmaster])
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute("SELECT count(*) FROM events").fetchone()
        if found != (requests * load.shape.per_request,):
            raise RuntimeError(f"PostgreSQL holds {found} events of {requests * load.shape.per_request}")
        return result


def _run_app(name: str, load: Load, requests: int, environment: dict[str, str], more_trees: list[int]) -> PeerResult:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--no-access-log", "--log-level", "warning", "--lifespan", "off"]
    process = subprocess.Popen([*command, f"bench.peer_apps:{name}"], env=os.environ | environment, cwd=Path(__file__).parent.parent)
    try:
        _wait_for(port)
        roots = [process.pid, *more_trees]
        generator = Generator(Order(port=port, bodies=str(load.path), shape=load.shape, first=0, count=requests))
        before = sum(cpu_of(root).total for root in roots)
        result = generator.run()
        used = sum(cpu_of(root).total for root in roots) - before
    finally:
        process.terminate()
        process.wait()
    if result.refused:
        raise RuntimeError(f"the peer {name!r} refused requests: {result.refused}")
    events = requests * load.shape.per_request
    return PeerResult(
        cpu_per_event=used / events * 1e6, cpu_per_request=used / requests * 1e6, events_per_second=events / result.seconds, p99=result.p99
    )


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def _postgres() -> Iterator[tuple[str, int]]:
    """Start a private server; yields its URL and the process id of its postmaster."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install -y --no-install-recommends postgresql")
    folder = Path(tempfile.mkdtemp(prefix="jackfield-bench-postgres-"))
    user: list[str] = []
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    port = free_port()

    def run(command: str, *arguments: str) -> None:
        subprocess.run([*user, binaries / command, "-D", folder / "data", *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    try:
        run("initdb", "-A", "trust", "-U", "jackfield", "-N")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://jackfield@127.0.0.1:{port}/postgres", int((folder / "data" / "postmaster.pid").read_text().split()[0])
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
