"""`jackfield up` as its surroundings meet it: containers, hung processes, a second start."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.running import Up, command_environment

PID_ONE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


def has_namespaces() -> bool:
    return shutil.which("unshare") is not None and subprocess.run([*PID_ONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_namespaces(), reason="needs the right to make a PID namespace")
def test_it_runs_as_the_first_process_of_a_container(up: Up) -> None:
    with up(prefix=PID_ONE) as server:
        assert server.ready()["ready"]


def test_a_process_whose_supervisor_has_died_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jackfield.cli.main", "process", "jobs", "--parent", "1"]

    ended = subprocess.run(command, env=command_environment(tmp_path), timeout=30, check=False)

    assert ended.returncode == -signal.SIGTERM


def test_a_hung_engine_is_told_and_capture_stays_ready(up: Up) -> None:
    with up() as server:
        engine = server.engine()
        os.kill(engine, signal.SIGSTOP)
        try:
            status, document = server.get("/_ready")
            capture = server.get("/_ready?for=capture")
        finally:
            os.kill(engine, signal.SIGCONT)

    assert (status, document["parts"]["engine"]) == (503, "does not answer within 3 s")
    assert capture == (200, {"ready": True, "parts": {"log": "ok"}})


def test_a_second_start_on_the_same_data_is_refused_by_the_first_ones_name(run: Run, up: Up, tmp_path: Path) -> None:
    with up() as server:
        refused = run("up")

    assert refused.returncode == 2
    assert refused.stderr == (
        f"jackfield: Process {server.process.pid} serves {tmp_path / 'data'} already. Stop it, or set another JACKFIELD_DATA_DIR.\n"
    )


def test_a_killed_server_leaves_no_lock_behind(up: Up) -> None:
    with up() as server:
        server.process.kill()
        server.process.wait()

    with up() as server:
        assert server.ready()["ready"]


def test_what_it_keeps_is_nobody_elses_to_read(up: Up, tmp_path: Path) -> None:
    data = tmp_path / "data"

    with up():
        kept = [data, *data.rglob("*.db"), *data.rglob("*.db-wal"), *data.rglob("*.db-shm")]
        modes = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in kept}

    assert modes["data"] == 0o700
    assert {"data/jackfield.db", "data/log/events-0.db"} <= modes.keys()
    assert [name for name, mode in modes.items() if mode & 0o077] == []
