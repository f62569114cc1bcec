"""Unmodified PostHog SDKs, through a network that breaks: every event arrives, and none twice."""

import importlib.util
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from jackfield_sdk.testing.server import Server

EVENTS = 10_000
# At most two faults in a row per batch: the SDKs give up after three retries.
PLAN = {3: ["503"], 17: ["cut"], 31: ["503", "cut"], 52: ["cut", "cut"], 80: ["cut", "503"]}
HERE = Path(__file__).parent


def load(name: str):  # type: ignore[no-untyped-def]
    """Import a module that lies beside this file."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def proxy(server: Server) -> Iterator[object]:
    opened = load("faulty_proxy").FaultyProxy(server.host, server.port, PLAN)
    yield opened
    opened.shutdown()
    opened.server_close()


def stored(server: Server, event: str, *, at_least: int, seconds: float = 30) -> Counter[str]:
    """Count the stored rows of each uuid, once as many are there as there should be, or time is up."""
    from jackfield.storage.query_client import SocketEventStore
    from jackfield_sdk.query import QueryLimits

    store = SocketEventStore(server.data_dir / "run" / "engine.sock")
    deadline = time.monotonic() + seconds
    while True:
        limits = QueryLimits(result_rows=1_000_000)
        rows = store.query("SELECT uuid FROM jackfield.events WHERE event = {event:String}", {"event": event}, limits=limits).rows
        if len(rows) >= at_least or time.monotonic() > deadline:
            store.close()
            return Counter(str(row[0]) for row in rows)
        time.sleep(0.2)


@pytest.mark.timeout(180)
def test_posthog_python_loses_nothing_and_doubles_nothing(server: Server, proxy) -> None:  # type: ignore[no-untyped-def]
    from posthog import Posthog

    client = Posthog(server.token, host=proxy.url, max_queue_size=EVENTS * 2, flush_at=100, gzip=True, timeout=10)
    uuids = [str(uuid.uuid4()) for _ in range(EVENTS)]

    for number, name in enumerate(uuids):
        client.capture("sent by python", distinct_id=f"visitor {number % 1000}", uuid=name, properties={"number": number})
    client.shutdown()

    assert sorted(proxy.injected) == sorted(fault for faults in PLAN.values() for fault in faults)
    assert stored(server, "sent by python", at_least=EVENTS) == Counter(uuids)


@pytest.mark.timeout(180)
def test_posthog_node_loses_nothing_and_doubles_nothing(server: Server, proxy) -> None:  # type: ignore[no-untyped-def]
    node = shutil.which("node")
    assert node is not None

    sent = subprocess.run(
        [node, str(HERE / "send_with_node.mjs"), proxy.url, server.token, str(EVENTS)], capture_output=True, text=True, check=True, timeout=150
    )
    uuids = sent.stdout.split()

    assert len(uuids) == EVENTS
    assert sorted(proxy.injected) == sorted(fault for faults in PLAN.values() for fault in faults)
    assert stored(server, "sent by node", at_least=EVENTS) == Counter(uuids)


@pytest.fixture
def shop(server: Server) -> Iterator[str]:
    """A customer's page, on an origin of its own."""
    snippet = f"""<!doctype html><title>a shop</title><button id="buy">Buy</button>
      <script src="{server.url}/static/array.js" crossorigin="anonymous"></script>
      <script>posthog.init("{server.token}", {{ api_host: "{server.url}", defaults: "2025-05-24", person_profiles: "always" }})</script>"""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(snippet.encode())

        def log_message(self, *_: object) -> None:
            pass

    opened = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=opened.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{opened.server_address[1]}"
    opened.shutdown()
    opened.server_close()


@pytest.mark.timeout(90)
def test_posthog_js_sends_pageview_and_click(server: Server, shop: str) -> None:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is missing: apt-get install chromium")

    with sync_playwright() as playwright:
        # The SDK drops every event of a browser that says it is driven; nothing of the SDK itself is changed.
        agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
        arguments = ["--disable-blink-features=AutomationControlled", f"--user-agent={agent}"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        page = browser.new_page()
        page.goto(f"{shop}/basket")
        page.wait_for_function("window._POSTHOG_REMOTE_CONFIG !== undefined")
        page.wait_for_timeout(1500)
        page.click("#buy")
        page.wait_for_timeout(4000)
        browser.close()

    assert len(stored(server, "$pageview", at_least=1)) == 1
    assert len(stored(server, "$autocapture", at_least=1)) == 1
