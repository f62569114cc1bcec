"""Imported by every Python process of an installation under test before its own code: makes it die, wait or be killed where a test says so.

Its folder stands on PYTHONPATH. Production code has no fault points; what is wrapped here is named by its public name.

Files in the folder `JACKFIELD_TEST_FAULTS` give the orders:
    die-before-insert, die-after-insert: the engine kills itself there once, and leaves `died-…` with a line per death.
    hold-engine: an engine that starts waits for as long as the file is there.
    fill-disk-of-engine, fill-disk-of-web: to that process the disk is full for as long as the file is there.
The event named `poison` kills the engine whenever it meets the pipeline.
"""

import os
import signal
import sys
import time
from pathlib import Path

ORDERS = Path(os.environ["JACKFIELD_TEST_FAULTS"])


def install_in_engine() -> None:
    """Wrap what the engine calls around an insert."""
    from jackfield.ingest.events_step import EVENTS_TABLE
    from jackfield.ingest.pipeline import Pipeline
    from jackfield.storage.chdb_door import ChdbStore

    insert, run = ChdbStore.insert, Pipeline.run

    def insert_and_perhaps_die(self, table, rows, *, token):
        if table != EVENTS_TABLE:
            insert(self, table, rows, token=token)
            return
        die_if_told("die-before-insert", token)
        insert(self, table, rows, token=token)
        die_if_told("die-after-insert", token)

    def run_unless_poisoned(self, batch):
        if "poison" in batch.event:
            os.kill(os.getpid(), signal.SIGKILL)
        return run(self, batch)

    ChdbStore.insert = insert_and_perhaps_die
    Pipeline.run = run_unless_poisoned


def install_full_disk(process):
    """Let the disk be full while the order is there."""
    statvfs = os.statvfs

    def statvfs_or_full(path):
        disk = statvfs(path)
        full = (ORDERS / f"fill-disk-of-{process}").exists()
        return os.statvfs_result([*disk[:3], 0, 0, *disk[5:]]) if full else disk

    os.statvfs = statvfs_or_full


def die_if_told(order: str, token: str) -> None:
    """Kill this process if the order is there; the order counts once."""
    try:
        (ORDERS / order).unlink()
    except FileNotFoundError:
        return
    with (ORDERS / order.replace("die", "died", 1)).open("a") as proof:
        proof.write(f"{token}\n")
        proof.flush()
        os.fsync(proof.fileno())
    os.kill(os.getpid(), signal.SIGKILL)


PROCESS = sys.orig_argv[sys.orig_argv.index("process") + 1] if "process" in sys.orig_argv else None
if PROCESS is not None:
    install_full_disk(PROCESS)
if PROCESS == "engine":
    while (ORDERS / "hold-engine").exists():
        time.sleep(0.02)
    install_in_engine()
elif sys.orig_argv[-1:] == ["up"]:
    import jackfield.cli.supervisor

    jackfield.cli.supervisor.LONGEST_PAUSE_SECONDS = 0.2  # type: ignore[misc]  # so that many deaths do not take minutes
