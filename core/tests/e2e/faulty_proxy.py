"""A proxy that breaks what SDKs send: answers 503 itself, or cuts the connection after the server has answered."""

import gzip
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["503", "cut"]


class FaultyProxy(ThreadingHTTPServer):
    """Forwards to one server. A batch of events meets the faults planned for its number, one per try, before it gets through."""

    daemon_threads = True

    def __init__(self, host: str, port: int, plan: dict[int, list[Fault]]) -> None:
        """Plan faults.

        Args:
            plan: faults by the number of the batch, counted from 0 in the order of their first tries.
        """
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = (host, port)
        self.plan = {number: list(faults) for number, faults in plan.items()}
        self.numbers: dict[str, int] = {}
        self.injected: list[Fault] = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_fault(self, batch: str) -> Fault | None:
        """Take the next fault of a batch, which is known by its first event's uuid."""
        with self.lock:
            number = self.numbers.setdefault(batch, len(self.numbers))
            faults = self.plan.get(number)
            fault = faults.pop(0) if faults else None
            if fault is not None:
                self.injected.append(fault)
            return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        batch = _first_uuid(body)
        fault = self.server.next_fault(batch) if batch is not None else None
        if fault == "503":
            self._answer(503, b"transient error, please retry", {})
            return
        status, answer, headers = self._forward(body)
        if fault == "cut":
            self.close_connection = True
            self.connection.close()
            return
        self._answer(status, answer, headers)

    def do_GET(self) -> None:
        self._answer(*self._forward(b""))

    def _forward(self, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection(*self.server.target, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "content-length")}
        connection.request(self.command, self.path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, answer, {"Content-Type": response.headers.get("Content-Type", "text/plain")}

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _first_uuid(body: bytes) -> str | None:
    text = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    document = json.loads(text)
    batch = document.get("batch") if isinstance(document, dict) else None
    return str(batch[0]["uuid"]) if batch else None
