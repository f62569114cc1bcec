"""What a start costs, and what is held while nothing happens: seconds to ready, idle memory, discovery of plugins."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final

from bench.processes import Memory, memory_of
from bench.server import Server

IDLE_SECONDS: Final = 5.0

DISCOVERY: Final = """
import json, sys, time
begun = time.perf_counter()
from jackfield.cli.assembly import build_host
from jackfield.host.configuration import read_configuration
host = build_host(read_configuration({"JACKFIELD_DATA_DIR": sys.argv[1], "JACKFIELD_SECRET_KEY": "bench", "JACKFIELD_PLUGINS_DISABLED": sys.argv[2]}))
seconds = time.perf_counter() - begun
assert "django" not in sys.modules, "discovery imported Django"
print(json.dumps({"seconds": seconds, "plugins": [plugin.name for plugin in host.registry.plugins]}))
"""
"""Runs in an interpreter of its own: what is measured includes every import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What was measured of one installation.

    Args:
        first_seconds: to ready on an empty data folder, migrations included.
        warm_seconds: to ready when all is there already.
    """

    first_seconds: float
    warm_seconds: float
    idle: Memory
    discovery_seconds: float
    plugins: list[str]


def run_start(disabled: str) -> Start:
    """Start twice, wait until all is quiet, and look."""
    with Server() as server:
        first = server.seconds_to_ready
        server.stop()
        server.start()
        time.sleep(IDLE_SECONDS)
        idle = memory_of(server.root)
        command = [sys.executable, "-c", DISCOVERY, str(server.folder), disabled]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        return Start(
            first_seconds=first,
            warm_seconds=server.seconds_to_ready,
            idle=idle,
            discovery_seconds=found["seconds"],
            plugins=found["plugins"],
        )
