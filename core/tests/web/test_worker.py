"""A web worker as a process: it stops when told to, and loses nothing that it has acknowledged or begun."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.tests.web.conftest import Connection, read_log, request

EVENT = json.dumps({"event": "e", "distinct_id": "d"}).encode()
WORKER = """
import asyncio, dataclasses, pathlib, socket, sys
import uvloop
from jackfield.capture.asgi import capture_app
from jackfield.capture.bodies import Bodies
from jackfield.capture.client_address import TrustedProxies
from jackfield.capture.intake import Intake
from jackfield.capture.plain_events import PLAIN_EVENTS
from jackfield.capture.routes import Routes, capture_route
from jackfield.host.configuration import read_configuration
from jackfield.storage.sqlite_log import SqliteLogWriter
from jackfield.web.worker import serve
from jackfield_sdk import ProjectInfo

class Projects:
    def by_token(self, token):
        return ProjectInfo(7, token, "Test", "UTC")

async def rest(scope, receive, send):
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})

async def main():
    directory = pathlib.Path(sys.argv[1])
    loop = asyncio.get_running_loop()
    log = SqliteLogWriter(directory, lane="events", slot=0, durability="fsync", max_bytes=1 << 30, wake=loop.call_soon_threadsafe)
    intake = Intake(projects=Projects(), log=log, bodies=Bodies(seconds=5, max_bytes=1 << 30), client_address=TrustedProxies(()).client)
    routes = Routes({"/v1/events": capture_route("core", PLAIN_EVENTS)})
    configuration = read_configuration({"JACKFIELD_DATA_DIR": str(directory), "JACKFIELD_FAST_LANE": sys.argv[2]})
    listening = socket.socket(fileno=int(sys.argv[3]))
    await serve(capture_app(intake, routes, rest), routes=routes, intake=intake, configuration=configuration, sockets=[listening])
    print("finished", flush=True)

with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
"""


@pytest.mark.parametrize("fast_lane", ["1", "0"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_worker_after_what_has_begun(tmp_path: Path, fast_lane: str, number: signal.Signals) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        descriptor = listening.fileno()
        os.set_inheritable(descriptor, True)
        command = [sys.executable, "-c", WORKER, str(tmp_path), fast_lane, str(descriptor)]
        worker = subprocess.Popen(command, pass_fds=[descriptor], stdout=subprocess.PIPE, text=True)
    with worker, Connection(port) as whole, Connection(port) as half:
        whole.send(request(EVENT))
        assert whole.answer().status == 200
        half.send(request(EVENT)[:-5])
        time.sleep(0.2)

        worker.send_signal(number)
        assert whole.is_closed()
        half.send(request(EVENT)[-5:])
        assert half.answer().status == 200
        assert half.is_closed()

        assert worker.wait(10) == 0
        assert worker.stdout is not None
        assert worker.stdout.read() == "finished\n"
    assert len(read_log(tmp_path)) == 2
