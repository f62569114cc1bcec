"""`jackfield up`: migrates, starts all processes, and says where to look once they are ready."""

import fcntl
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from typing import IO

from jackfield.cli.supervisor import Supervisor
from jackfield.host.configuration import Configuration, read_configuration
from jackfield.storage.paths import left_out_list, up_lock
from jackfield_sdk import Misconfigured


def up() -> int:
    """Run until SIGTERM or SIGINT; returns the exit status.

    Raises:
        Misconfigured: another server runs on the data folder, or the port cannot be used.
    """
    configuration = read_configuration()
    with _locked(configuration):
        supervisor = Supervisor(configuration)  # binds the port first: whether it is free is known before anything is changed
        left_out_list(configuration).unlink(missing_ok=True)  # each start finds out anew which plugins work
        # In a process of its own, so that the supervisor stays small.
        status = subprocess.run([sys.executable, "-m", "jackfield.cli.main", "migrate"], check=False).returncode
        if status:
            return status
        threading.Thread(target=_announce, args=(configuration,), daemon=True).start()
        return supervisor.run()


def _locked(configuration: Configuration) -> IO[str]:
    """Lock the data folder; the kernel unlocks it when this process ends, however it does."""
    path = up_lock(configuration)
    path.parent.mkdir(exist_ok=True)
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with lock:
            lock.seek(0)
            raise Misconfigured(
                f"Process {lock.read().strip() or 'unknown'} serves {configuration.data_dir} already. Stop it, or set another JACKFIELD_DATA_DIR."
            ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _announce(configuration: Configuration) -> None:
    while True:
        time.sleep(0.1)
        try:
            connection = http.client.HTTPConnection(configuration.host, configuration.port, timeout=5)
            connection.request("GET", "/_ready")
            if json.loads(connection.getresponse().read())["ready"]:
                break
        except (OSError, ValueError, http.client.HTTPException):
            continue
    print(f"Jackfield is ready: {configuration.public_url}", flush=True)
