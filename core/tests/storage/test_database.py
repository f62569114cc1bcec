"""Conformance of both metadata databases: SQLite and PostgreSQL."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from jackfield.host.configuration import read_configuration
from jackfield.storage import postgres_database, sqlite_database
from jackfield.storage.database import MetadataDatabase, open_database
from jackfield_sdk import Misconfigured, Refused, Retryable

NOW = datetime(2026, 7, 1, 12, 30, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def table(database: MetadataDatabase, environment: dict[str, str]) -> Iterator[MetadataDatabase]:
    """A database with an empty table of every type."""
    postgres = "JACKFIELD_DATABASE_URL" in environment
    uuid, moment, json, blob = ("uuid", "timestamptz", "jsonb", "bytea") if postgres else ("char(32)", "datetime", "text", "BLOB")
    database.execute(
        f"CREATE TABLE specimen (id {uuid} PRIMARY KEY, name text NOT NULL DEFAULT '', number bigint NOT NULL DEFAULT 0, "
        f"moment {moment}, flag bool, document {json}, blob {blob})"
    )
    yield database
    database.execute("DROP TABLE specimen")


def test_values_come_back_as_they_were(table: MetadataDatabase) -> None:
    row = (uuid4(), "Žofie 🦊", 7, NOW, True, {"a": [1, None, "x"]}, b"\x00\xff")
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-5)))

    table.execute(
        "INSERT INTO specimen (id, name, number, moment, flag, document, blob) VALUES (?, ?, ?, ?, ?, ?, ?)", (*row[:3], elsewhere, *row[4:])
    )
    table.execute("INSERT INTO specimen (id, moment, flag, document) VALUES (?, ?, ?, ?)", (UUID(int=0), None, False, None))

    types = (UUID, str, int, datetime, bool, dict, bytes)
    assert table.fetch("SELECT * FROM specimen WHERE moment = ?", (NOW,), types=types) == [row]
    assert table.fetch("SELECT moment, flag, document FROM specimen WHERE id = ?", (UUID(int=0),), types=types[3:6]) == [(None, False, None)]
    assert table.fetch("SELECT count(*), sum(number) FROM specimen", types=(int, int)) == [(2, 7)]


def test_moments_and_ids_sort_and_compare(table: MetadataDatabase) -> None:
    moments = [NOW, NOW + timedelta(microseconds=1), NOW.replace(microsecond=0), NOW + timedelta(days=1)]
    table.upsert_many("specimen", ["id", "moment"], [(uuid4(), moment) for moment in moments], key=["id"], update=[])

    found = table.fetch("SELECT moment FROM specimen WHERE moment >= ? AND moment < ? ORDER BY moment", (moments[2], moments[3]), types=(datetime,))

    assert [moment for (moment,) in found] == sorted(moments)[:3]


def test_execute_counts_rows(table: MetadataDatabase) -> None:
    ids = [uuid4(), uuid4()]
    table.upsert_many("specimen", ["id"], [(one,) for one in ids], key=["id"], update=[])

    assert table.execute("UPDATE specimen SET number = number + ?", (1,)) == 2
    assert table.execute("DELETE FROM specimen WHERE number > ?", (5,)) == 0
    changes = "INSERT INTO specimen (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET number = 9 WHERE specimen.number > 5"
    assert table.execute(changes, (ids[0],)) == 0


def test_question_marks_in_literals_and_comments_are_no_parameters(table: MetadataDatabase) -> None:
    sql = """SELECT 'what? it''s 100% %s' AS "?", id -- why?
             /* how? */ FROM specimen WHERE name LIKE '50%' AND number = ?"""
    one = uuid4()
    table.execute("INSERT INTO specimen (id, name, number) VALUES (?, '50% off?', ?)", (one, 1))

    assert table.fetch(sql, (1,), types=(str, UUID)) == [("what? it's 100% %s", one)]


def test_a_transaction_happens_whole_or_not_at_all(table: MetadataDatabase) -> None:
    with table.transaction() as transaction:
        transaction.execute("INSERT INTO specimen (id, name) VALUES (?, 'kept')", (uuid4(),))
        transaction.upsert_many("specimen", ["id", "name"], [(uuid4(), "kept")], key=["id"], update=[])
    with pytest.raises(ZeroDivisionError), table.transaction() as transaction:
        transaction.execute("INSERT INTO specimen (id, name) VALUES (?, 'lost')", (uuid4(),))
        transaction.upsert_many("specimen", ["id", "name"], [(uuid4(), "lost")], key=["id"], update=[])
        _ = 1 / 0

    assert table.fetch("SELECT name FROM specimen") == [("kept",), ("kept",)]


def test_what_a_thread_does_during_its_transaction_belongs_to_it(table: MetadataDatabase) -> None:
    with pytest.raises(ZeroDivisionError), table.transaction():
        table.execute("INSERT INTO specimen (id) VALUES (?)", (uuid4(),))
        assert table.fetch("SELECT count(*) FROM specimen") == [(1,)]
        _ = 1 / 0

    assert table.fetch("SELECT count(*) FROM specimen") == [(0,)]


def test_a_nested_transaction_fails_alone(table: MetadataDatabase) -> None:
    one = uuid4()
    with table.transaction() as outer:
        outer.execute("INSERT INTO specimen (id) VALUES (?)", (one,))
        with pytest.raises(Refused), table.transaction() as inner:
            inner.execute("UPDATE specimen SET number = 5")
            inner.execute("INSERT INTO specimen (id) VALUES (?)", (one,))
        with table.transaction() as inner:
            inner.execute("UPDATE specimen SET name = 'second'")

    assert table.fetch("SELECT name, number FROM specimen") == [("second", 0)]


def test_upsert_updates_the_named_columns_only(table: MetadataDatabase) -> None:
    old, new = uuid4(), uuid4()
    table.execute("INSERT INTO specimen (id, name, number) VALUES (?, 'old', 1)", (old,))

    rows = [(old, "changed", 2), (new, "new", 3)]
    table.upsert_many("specimen", ["id", "name", "number"], rows, key=["id"], update=["number"])
    table.upsert_many("specimen", ["id", "name", "number"], [(old, "ignored", 9)], key=["id"], update=[])
    table.upsert_many("specimen", ["id", "name", "number"], [], key=["id"], update=["number"])

    assert set(table.fetch("SELECT id, name, number FROM specimen", types=(UUID,))) == {(old, "old", 2), (new, "new", 3)}


def test_upsert_takes_a_key_twice_as_one_after_the_other(table: MetadataDatabase) -> None:
    one = uuid4()

    table.upsert_many("specimen", ["id", "name", "number"], [(one, "first", 1), (one, "second", 2)], key=["id"], update=["number"])

    assert table.fetch("SELECT name, number FROM specimen") == [("first", 2)]


def test_upsert_takes_more_rows_than_a_statement_has_parameters(table: MetadataDatabase) -> None:
    rows = [(UUID(int=number), f"row {number}", number, NOW) for number in range(20_000)]

    table.upsert_many("specimen", ["id", "name", "number", "moment"], rows, key=["id"], update=["name", "number"])

    assert table.fetch("SELECT count(*), sum(number) FROM specimen", types=(int, int)) == [(20_000, 199_990_000)]


def test_what_does_not_fit_is_refused(table: MetadataDatabase) -> None:
    table.execute("INSERT INTO specimen (id) VALUES (?)", (UUID(int=1),))
    insert = "INSERT INTO specimen (id, number, moment, document) VALUES (?, ?, ?, ?)"

    with pytest.raises(Refused, match="refuses the row") as twice:
        table.execute(insert, (UUID(int=1), 0, None, None))
    with pytest.raises(Refused):
        table.execute(insert, (UUID(int=2), 2**63, None, None))
    with pytest.raises(Refused, match="no time zone"):
        table.execute(insert, (UUID(int=2), 0, datetime(2026, 1, 1), None))
    with pytest.raises(Refused, match="no JSON"):
        table.execute(insert, (UUID(int=2), 0, None, {"a": float("nan")}))

    assert twice.value.status == 409
    assert table.fetch("SELECT count(*) FROM specimen") == [(1,)]


def test_text_that_no_database_can_hold_does_not_fail_the_batch(table: MetadataDatabase) -> None:
    rows = [(uuid4(), "half \ud800 and nul \0", {"half \udfff": "\ud83d", "nul": "\0", "backslash": "\\u0000"})]

    table.upsert_many("specimen", ["id", "name", "document"], rows, key=["id"], update=[])

    [(name, document)] = table.fetch("SELECT name, document FROM specimen", types=(str, dict))
    assert isinstance(name, str)
    assert isinstance(document, dict)
    assert name.startswith("half \ufffd and nul ")
    assert document["backslash"] == "\\u0000"


def test_a_writer_that_waits_too_long_may_try_again(environment: dict[str, str], table: MetadataDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_database, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(postgres_database, "LOCK_MILLISECONDS", 200)
    table.execute("INSERT INTO specimen (id) VALUES (?)", (UUID(int=1),))
    impatient = open_database(read_configuration(environment))

    with table.transaction() as transaction:
        transaction.execute("UPDATE specimen SET number = 1")
        with pytest.raises(Retryable):
            impatient.execute("UPDATE specimen SET number = 2")
        assert impatient.fetch("SELECT number FROM specimen") == [(0,)]

    impatient.execute("UPDATE specimen SET number = number + 2")
    impatient.close()
    assert table.fetch("SELECT number FROM specimen") == [(3,)]


def test_threads_that_read_and_then_write_lose_no_update(table: MetadataDatabase) -> None:
    table.execute("INSERT INTO specimen (id) VALUES (?)", (UUID(int=1),))

    def count() -> None:
        for _ in range(25):
            while True:
                try:
                    with table.transaction() as transaction:
                        [(number,)] = transaction.fetch("SELECT number FROM specimen", types=(int,))
                        assert isinstance(number, int)
                        transaction.execute("UPDATE specimen SET number = ?", (number + 1,))
                    break
                except Retryable:
                    continue

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert table.fetch("SELECT number FROM specimen") == [(100,)]


def test_rows_of_the_orm_read_equal_and_the_other_way_round(environment: dict[str, str]) -> None:
    script = Path(__file__).with_name("orm_round_trip.py")

    result = subprocess.run([sys.executable, "-W", "error", script], env=os.environ | environment, capture_output=True, text=True)

    assert (result.returncode, result.stderr) == (0, "")


def test_a_dropped_connection_is_made_again(postgres_environment: dict[str, str]) -> None:
    database, killer = (open_database(read_configuration(postgres_environment)) for _ in range(2))
    database.fetch("SELECT 1")

    killer.fetch("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")

    assert database.fetch("SELECT 1") == [(1,)]
    with pytest.raises(Retryable), database.transaction() as transaction:
        [(pid,)] = transaction.fetch("SELECT pg_backend_pid()")
        killer.fetch("SELECT pg_terminate_backend(?, 5000)", (pid,))
        transaction.fetch("SELECT 1")
    assert database.fetch("SELECT 1") == [(1,)]
    database.close()
    killer.close()


def test_a_server_that_does_not_answer_may_come_back(tmp_path: Path) -> None:
    database = open_database(read_configuration({"JACKFIELD_DATA_DIR": str(tmp_path), "JACKFIELD_DATABASE_URL": "postgresql://127.0.0.1:1/x"}))

    with pytest.raises(Retryable):
        database.fetch("SELECT 1")


def test_an_unknown_kind_of_database_is_named(tmp_path: Path) -> None:
    configuration = read_configuration({"JACKFIELD_DATA_DIR": str(tmp_path), "JACKFIELD_DATABASE_URL": "mysql://root@localhost/x"})

    with pytest.raises(Misconfigured, match="JACKFIELD_DATABASE_URL begins with 'mysql'"):
        open_database(configuration)


def test_sqlite_lets_readers_read_while_somebody_writes(sqlite_environment: dict[str, str]) -> None:
    database = open_database(read_configuration(sqlite_environment))

    assert database.fetch("PRAGMA journal_mode") == [("wal",)]
    assert database.fetch("PRAGMA synchronous") == [(2,)]
    database.close()


def test_engine_and_hot_paths_load_neither_django_nor_the_other_driver() -> None:
    script = (
        "import sys\n"
        "import jackfield.jobs.process, jackfield.storage.secrets\n"
        "import jackfield.storage.sqlite_database\n"
        "print([name for name in ('django', 'psycopg', 'cryptography') if name in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
