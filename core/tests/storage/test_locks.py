"""What users of locks rely on, over both metadata databases."""

import os
import signal
import subprocess
import sys
import time

from jackfield.storage.database import MetadataDatabase
from jackfield.storage.locks import LeaseLocks

HOLD = """
import time
from jackfield.host.configuration import read_configuration
from jackfield.storage.database import open_database
from jackfield.storage.locks import LeaseLocks
with LeaseLocks(open_database(read_configuration())).hold("cleaning", seconds=0.6) as held:
    print(held, flush=True)
    time.sleep(60)
"""


def test_only_one_holds_a_name(database: MetadataDatabase) -> None:
    ours, theirs = LeaseLocks(database), LeaseLocks(database)

    with ours.hold("cleaning") as first, theirs.hold("cleaning") as second, theirs.hold("cooking") as third:
        assert (first, second, third) == (True, False, True)
        with ours.hold("cleaning") as again:
            assert again is False
    with theirs.hold("cleaning") as afterwards:
        assert afterwards is True


def test_a_lease_is_renewed_while_it_is_held(database: MetadataDatabase) -> None:
    locks = LeaseLocks(database)

    with locks.hold("cleaning", seconds=0.3):
        time.sleep(0.7)
        with locks.hold("cleaning") as other:
            assert other is False


def test_an_error_releases_the_lock(database: MetadataDatabase) -> None:
    locks = LeaseLocks(database)
    try:
        with locks.hold("cleaning"):
            _ = 1 / 0
    except ZeroDivisionError:
        pass

    with locks.hold("cleaning") as afterwards:
        assert afterwards is True


def test_the_lock_of_a_killed_process_is_taken_over(database: MetadataDatabase, environment: dict[str, str]) -> None:
    locks = LeaseLocks(database)
    with subprocess.Popen([sys.executable, "-c", HOLD], env=os.environ | environment, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with locks.hold("cleaning") as while_it_lives:
            assert while_it_lives is False

        holder.send_signal(signal.SIGKILL)
        holder.wait()

    with locks.hold("cleaning") as at_once:
        assert at_once is False
    time.sleep(0.7)
    with locks.hold("cleaning") as after_its_lease:
        assert after_its_lease is True
