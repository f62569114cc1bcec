"""Keeps the processes of one machine running: engine, web workers, jobs. Starts again what dies, stops them in the right order."""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from jackfield.host.configuration import Configuration
from jackfield_sdk import Misconfigured

logger = logging.getLogger(__name__)

STOP_SECONDS: Final = 20.0
"""How long a process may take to finish what it has begun before it is killed."""

LONGEST_PAUSE_SECONDS: Final = 10.0
STEADY_SECONDS: Final = 30.0
"""After so long a run, a process that dies is started again at once."""

MISCONFIGURED_STATUS: Final = 2
"""How a command ends that says what whoever runs it must change."""

_PR_SET_PDEATHSIG: Final = 1


@dataclass(slots=True)
class Child:
    """A process and its history."""

    name: str
    arguments: Sequence[str]
    pass_fds: Sequence[int] = ()
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause_seconds: float = 0.0
    restart_at: float = field(default=0.0)


class Supervisor:
    """Starts children and watches them until told to stop."""

    def __init__(self, configuration: Configuration) -> None:
        """Open the listening socket, so that a connection made while a worker restarts waits instead of failing."""
        self._configuration = configuration
        self._listener = listening_socket(configuration)
        self._stopping = False
        self._status = 0
        descriptor = self._listener.fileno()
        self._engine = Child("engine", ["engine"])
        self._web = [
            Child(f"web-{slot}", ["web", "--slot", str(slot), "--fd", str(descriptor)], (descriptor,)) for slot in range(configuration.web_workers)
        ]
        self._jobs = Child("jobs", ["jobs"])

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns the exit status.

        A process that says at its very first start that the installation is wrong ends all: trying again would change nothing.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        children = [self._engine, *self._web, self._jobs]
        for child in children:
            self._start(child)
        while not self._stopping:
            for child in children:
                self._watch(child)
            time.sleep(0.05)
        # Web first: no request may be taken that nobody keeps; the engine last, so that it finishes its batch.
        self._end(self._web)
        self._end([self._jobs])
        self._end([self._engine])
        self._listener.close()
        return self._status

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            [sys.executable, "-m", "jackfield.cli.main", "process", *child.arguments, "--parent", str(os.getpid())],
            pass_fds=child.pass_fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops them in order
        )
        child.started = time.monotonic()

    def _watch(self, child: Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                self._start(child)
            return
        status = child.process.poll()
        if status is None:
            return
        if status == MISCONFIGURED_STATUS and not child.pause_seconds:
            logger.error("%s cannot start; its message is above", child.name)
            self._status, self._stopping, child.process = status, True, None
            return
        steady = time.monotonic() - child.started > STEADY_SECONDS
        child.pause_seconds = 0.1 if steady or not child.pause_seconds else min(child.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        child.restart_at = time.monotonic() + child.pause_seconds
        child.process = None
        logger.error("%s ended with status %d; starting it again in %.1f s", child.name, status, child.pause_seconds)

    def _end(self, children: Sequence[Child]) -> None:
        running = [child.process for child in children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.error("process %d does not stop; killing it", process.pid)
                process.kill()
                process.wait()


def listening_socket(configuration: Configuration) -> socket.socket:
    """Open the socket that all web workers accept from.

    Raises:
        Misconfigured: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in configuration.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((configuration.host, configuration.port))
    except OSError as problem:
        where = f"{configuration.host}:{configuration.port}"
        raise Misconfigured(f"Cannot listen on {where}: {problem.strerror}. Set JACKFIELD_HOST or JACKFIELD_PORT.") from problem
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener


def end_with_parent(parent: int) -> None:
    """Ask the kernel for SIGTERM when the supervisor dies, so that a killed supervisor leaves nothing behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the call
            os.kill(os.getpid(), signal.SIGTERM)
