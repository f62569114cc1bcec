"""kill -9 in full length: runs the suite's own test for ten rounds, and reads what it reports."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROUNDS: Final = 10
TEST: Final = "core/tests/faults/test_kill.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What the rounds of one victim showed. That every acknowledged event was there, and none twice, is why there is a report at all."""

    victim: str
    rounds: int
    kills: int
    between_insert_and_delete: int
    acknowledged: int
    cut: int


def run_faults(rounds: int = ROUNDS) -> Sequence[Faults]:
    """Run the rounds.

    Raises:
        RuntimeError: an event was lost or doubled; the output of the test says which.
    """
    with tempfile.TemporaryDirectory(prefix="jackfield-faults-") as folder:
        report = Path(folder) / "report"
        environment = {**os.environ, "JACKFIELD_FAULT_ROUNDS": str(rounds), "JACKFIELD_FAULT_REPORT": str(report)}
        run = subprocess.run([sys.executable, "-m", "pytest", "-q", TEST], env=environment, cwd=Path(__file__).parent.parent, capture_output=True)
        if run.returncode:
            raise RuntimeError("kill -9 lost or doubled events, or the test could not run:\n" + run.stdout.decode()[-6000:])
        return [Faults(**json.loads(line)) for line in report.read_text().splitlines()]
