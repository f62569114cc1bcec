"""The load generator: a process of its own that sends prepared bodies over keep-alive connections. Judges nothing but the status.

`python -m bench.load ORDER`, where ORDER is JSON of `Order`. It prints `ready` when all is prepared, begins when a line comes in on its
standard input, and prints a `Result` as JSON.
"""

import json
import select
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import msgspec

from bench.bodies import Shape, read_bodies

ANSWER_SECONDS: Final = 60.0
"""No answer on any connection for so long ends the run with an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to send.

    Args:
        first, count: which bodies of the file.
        rate: requests per second, begun at even distances; 0 for as fast as answers come.
    """

    port: int
    bodies: str
    shape: Shape
    first: int
    count: int
    rate: float = 0.0
    connections: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came back.

    Args:
        begun: when the first request was sent, by the monotonic clock, which all processes share.
        p50, p99, longest: milliseconds from the moment a request was due to its whole answer; at full speed it is due when it is sent.
        refused: answers that were not 200, by status.
    """

    begun: float
    seconds: float
    answers: int
    refused: dict[str, int]
    p50: float
    p99: float
    longest: float


class Generator:
    """A load generator that waits for its signal."""

    def __init__(self, order: Order) -> None:
        """Start the process and wait until it has prepared everything."""
        command = [sys.executable, "-m", "bench.load", json.dumps(asdict(order))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
        if self._read() != b"ready\n":
            raise RuntimeError("the load generator did not start")

    def run(self) -> Result:
        """Let it run to its end."""
        output, _ = self._process.communicate(b"\n")
        if self._process.returncode:
            raise RuntimeError(f"the load generator ended with status {self._process.returncode}")
        return msgspec.json.decode(output, type=Result)

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def send_all(order: Order, requests: Sequence[bytes], connections: Sequence[socket.socket]) -> Result:
    """Send every request once; a connection takes the next one as soon as it is free and, with a rate, the next one is due."""
    clock = time.perf_counter
    poll = select.epoll()
    by_descriptor = {connection.fileno(): connection for connection in connections}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    idle = list(connections)
    due_at: dict[int, float] = {}
    partial: dict[int, bytes] = {}
    latencies = array("d")
    refused: dict[str, int] = {}
    interval = 1 / order.rate if order.rate else 0.0
    total = len(requests)
    sent = 0
    begun_monotonic, begun = time.monotonic(), clock()
    last_answer = begun
    while len(latencies) < total:
        now = clock()
        while idle and sent < total and (due := begun + sent * interval if interval else now) <= now:
            connection = idle.pop()
            due_at[connection.fileno()] = due
            connection.sendall(requests[sent])
            sent += 1
        wait = 1.0 if not interval or sent == total or not idle else max(0.0, begun + sent * interval - clock())
        ready = poll.poll(wait)
        now = clock()
        if not ready and now - last_answer > ANSWER_SECONDS:
            raise RuntimeError(f"no answer for {ANSWER_SECONDS} seconds; {total - len(latencies)} requests are open")
        for descriptor, _ in ready:
            data = partial.pop(descriptor, b"") + by_descriptor[descriptor].recv(65_536)
            if not _is_whole(data):
                partial[descriptor] = data
                continue
            last_answer = now
            latencies.append(now - due_at[descriptor])
            if not data.startswith(b"HTTP/1.1 200"):
                status = data[9:12].decode()
                refused[status] = refused.get(status, 0) + 1
            if interval or sent == total:
                idle.append(by_descriptor[descriptor])
            else:
                due_at[descriptor] = clock()
                by_descriptor[descriptor].sendall(requests[sent])
                sent += 1
    seconds = clock() - begun
    ordered = sorted(latencies)
    return Result(
        begun=begun_monotonic,
        seconds=seconds,
        answers=total,
        refused=refused,
        p50=ordered[total // 2] * 1000,
        p99=ordered[min(total - 1, total * 99 // 100)] * 1000,
        longest=ordered[-1] * 1000,
    )


def _is_whole(data: bytes) -> bool:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        if not data:
            raise RuntimeError("the server closed a connection")
        return False
    at = data.find(b"content-length: ")
    return len(data) >= end + 4 + int(data[at + 16 : data.index(b"\r\n", at)])


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)  # a whole request fits: sending never waits
    return connection


def main() -> None:
    """Prepare, wait for the signal, send."""
    order = msgspec.json.decode(sys.argv[1], type=Order)
    head = order.shape.head()
    requests = [b"%b%d\r\n\r\n%b" % (head, len(body), body) for body in read_bodies(Path(order.bodies), order.first, order.count)]
    connections = [_connect(order.port) for _ in range(order.connections)]
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(send_all(order, requests, connections))), flush=True)


if __name__ == "__main__":
    main()
