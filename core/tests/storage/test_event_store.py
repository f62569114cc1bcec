"""Conformance of the event store's two ways in: within the process, and through the engine's socket."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jackfield.cli.teststack import LocalEventStore
from jackfield.errors import StoreUnavailable
from jackfield.storage.chdb_door import ChdbStore
from jackfield.storage.query_client import SocketEventStore
from jackfield.storage.query_frames import PROTOCOL, FrameType, Hello, Query, receive_frame, send_frame
from jackfield.storage.query_server import QueryServer
from jackfield_sdk import Refused
from jackfield_sdk.query import EventStore, QueryLimits

ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"


@pytest.fixture(scope="module")
def chdb(stack_home: object) -> ChdbStore:
    found = stack_home.store  # type: ignore[attr-defined]
    assert isinstance(found, ChdbStore)
    return found


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "engine.sock"


@pytest.fixture(params=["local", "socket"])
def store(request: pytest.FixtureRequest, chdb: ChdbStore, socket_path: Path) -> Iterator[EventStore]:
    if request.param == "local":
        yield LocalEventStore(chdb)
        return
    server = QueryServer(chdb, socket_path, threads=2)
    client = SocketEventStore(socket_path)
    yield client
    client.close()
    server.close()


def test_rows_come_with_their_names(store: EventStore) -> None:
    rows = store.query("SELECT number AS n, {p:String} AS text FROM numbers(2)", {"p": "it's"})

    assert (rows.columns, rows.rows) == (["n", "text"], [[0, "it's"], [1, "it's"]])
    assert rows.rows_read >= 2


def test_an_empty_answer_keeps_its_names(store: EventStore) -> None:
    rows = store.query("SELECT 1 AS one FROM numbers(0)", {})

    assert (rows.columns, rows.rows) == (["one"], [])


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x (a Int8) ENGINE = Memory",
        "SELECT 1; SELECT 2",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1/', 'LineAsString')",
        "SET max_threads = 1",
        "INSERT INTO jackfield.events (uuid) VALUES (generateUUIDv4())",
        "nonsense",
    ],
)
def test_only_one_statement_that_reads_is_run(store: EventStore, sql: str) -> None:
    with pytest.raises(Refused):
        store.query(sql, {})


def test_a_query_over_its_time_is_ended(store: EventStore) -> None:
    begun = time.monotonic()

    with pytest.raises(Refused, match="159"):
        store.query(ENDLESS, {}, limits=QueryLimits(seconds=0.5))
    assert time.monotonic() - begun < 5


def test_a_query_over_its_memory_is_ended(store: EventStore) -> None:
    with pytest.raises(Refused, match="241"):
        store.query("SELECT groupArray(number) FROM numbers(50000000)", {}, limits=QueryLimits(memory_bytes=20_000_000))


def test_an_answer_over_its_size_is_refused(store: EventStore) -> None:
    with pytest.raises(Refused, match="396"):
        store.query("SELECT number FROM numbers(1000)", {}, limits=QueryLimits(result_rows=10))


def test_a_running_query_can_be_cancelled(store: EventStore) -> None:
    problems: list[Exception] = []

    def run() -> None:
        try:
            store.query(ENDLESS, {}, query_id="cancel-me")
        except Exception as problem:
            problems.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 10
    while thread.is_alive() and time.monotonic() < deadline:
        store.cancel("cancel-me")
        thread.join(0.2)

    assert not thread.is_alive()
    assert [type(problem) for problem in problems] == [Refused]
    assert "394" in str(problems[0])


def test_a_store_that_is_gone_is_said_to_be_gone(socket_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="engine"):
        SocketEventStore(socket_path).query("SELECT 1", {})


def test_an_engine_that_was_restarted_is_found_again(chdb: ChdbStore, socket_path: Path) -> None:
    first = QueryServer(chdb, socket_path)
    client = SocketEventStore(socket_path)
    client.query("SELECT 1", {})
    first.close()
    assert not client.ping()

    second = QueryServer(chdb, socket_path)

    assert client.ping()
    assert client.query("SELECT 1 AS one", {}).rows == [[1]]
    client.close()
    second.close()


def test_a_client_that_leaves_ends_its_query(chdb: ChdbStore, socket_path: Path) -> None:
    server = QueryServer(chdb, socket_path, threads=1)
    patient = SocketEventStore(socket_path)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(str(socket_path))
    send_frame(connection, FrameType.HELLO, Hello(PROTOCOL, "test"))
    assert receive_frame(connection)[0] is FrameType.HELLO
    send_frame(
        connection,
        FrameType.QUERY,
        Query(id="left", sql=ENDLESS, parameters={}, seconds=60, memory_bytes=10**9, rows_to_read=0, result_rows=10, result_bytes=1000),
    )
    time.sleep(0.3)
    connection.close()

    begun = time.monotonic()
    assert patient.query("SELECT 1 AS one", {}).rows == [[1]]
    assert time.monotonic() - begun < 10
    patient.close()
    server.close()
