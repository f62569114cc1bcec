"""`jackfield up`: migrates, starts all processes, and says where to look once they are ready."""

import http.client
import json
import subprocess
import sys
import threading
import time

from jackfield.cli.supervisor import Supervisor
from jackfield.host.configuration import Configuration, read_configuration


def up() -> int:
    """Run until SIGTERM or SIGINT; returns the exit status."""
    configuration = read_configuration()
    supervisor = Supervisor(configuration)  # binds the port first: whether it is free is known before anything is changed
    # In a process of its own, so that the supervisor stays small.
    status = subprocess.run([sys.executable, "-m", "jackfield.cli.main", "migrate"], check=False).returncode
    if status:
        return status
    threading.Thread(target=_announce, args=(configuration,), daemon=True).start()
    return supervisor.run()


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
