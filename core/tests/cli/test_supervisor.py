"""What the supervisor makes of the ways in which a process can end."""

import os
import time
from pathlib import Path

import pytest

from jackfield.cli import main
from jackfield.cli.supervisor import MISCONFIGURED_STATUS, Child, Supervisor
from jackfield.host.configuration import read_configuration
from jackfield_sdk import JackfieldError, Misconfigured, Retryable


class Ended:
    """A process that has ended."""

    def __init__(self, status: int) -> None:
        self.status = status

    def poll(self) -> int:
        return self.status


@pytest.mark.parametrize(("problem", "status"), [(Misconfigured("wrong"), MISCONFIGURED_STATUS), (Retryable("busy"), os.EX_TEMPFAIL)])
def test_what_may_work_later_ends_with_a_status_of_its_own(monkeypatch: pytest.MonkeyPatch, problem: JackfieldError, status: int) -> None:
    def fails(_: object) -> int:
        raise problem

    monkeypatch.setattr(main, "_doctor", fails)
    umask = os.umask(0o077)
    os.umask(umask)

    ended = main.main(["doctor"])

    os.umask(umask)
    assert ended == status


@pytest.mark.parametrize(("status", "gives_up"), [(MISCONFIGURED_STATUS, True), (os.EX_TEMPFAIL, False)])
def test_only_what_must_be_mended_by_hand_ends_the_start(tmp_path: Path, status: int, gives_up: bool) -> None:
    supervisor = Supervisor(read_configuration({"JACKFIELD_DATA_DIR": str(tmp_path), "JACKFIELD_PORT": "0"}))
    child = Child("engine", ["engine"], process=Ended(status), started=time.monotonic())  # type: ignore[arg-type]

    supervisor._watch(child)

    assert supervisor._stopping == gives_up
    assert (child.restart_at > 0) != gives_up
    supervisor._listener.close()
