"""The embedded event log: web workers append with group commit, the engine takes batches. Implements `eventlog` on SQLite."""

import collections
import contextlib
import functools
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jackfield.errors import LogFull
from jackfield.storage.eventlog import Backlog, Completion, Plan
from jackfield.storage.log_file import Durability, completed_bytes, file_id, log_files, log_path, open_log_file

Done = Callable[[Exception | None], None]
LOOK_SECONDS = 0.2
"""How often a log that refuses records is looked at again."""

SPARE_BYTES = 16 * 1024 * 1024
"""Left free on the disk for the engine, which needs room to store what the log holds."""

ROWS_PER_STATEMENT = 64

PAUSE_SECONDS = 0.002
BUSY_RECORDS = 4
"""A group of so many means load. Then a pause pays three times: fewer commits, fewer handovers of the GIL, and sooner answers in the end."""

Wake = Callable[[Callable[[], None]], object]
_Entry = tuple[int, int, bytes, Done]
"""Number of events, record, and whom to tell."""


class SqliteLogWriter:
    """Appends the records of one web worker to its own file.

    One thread commits whatever came in since its last commit, so a slow disk makes bigger groups by itself. Few senders never wait for others;
    while there are many it pauses before each commit.
    """

    def __init__(self, directory: Path, *, lane: str, slot: int, durability: Durability, max_bytes: int, wake: Wake) -> None:
        """Open the file and start the thread.

        Args:
            max_bytes: live bytes, over which `append` refuses. The file itself does not shrink after deletes, so it is not measured.
            wake: runs a callable on the event loop of the web worker (`loop.call_soon_threadsafe`).
        """
        self._path = log_path(directory, lane, slot)
        self._durability = durability
        self._max_bytes = max_bytes
        self._wake = wake
        self._queue: collections.deque[_Entry] = collections.deque()
        self._work = threading.Event()
        self._closing = False
        self._accepted_bytes = 0  # ever, by this count; only the event loop adds to it
        self._gone_bytes = 0  # completed by the engine, as last looked at, or failed; only the thread adds to it
        self._full = False  # since a record was refused, until there is room again
        self._opened = threading.Event()
        self._problem: Exception | None = None
        self._write_problem: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"log-{lane}-{slot}", daemon=True)
        self._thread.start()
        self._opened.wait()
        if self._problem is not None:
            raise self._problem

    @property
    def live_bytes(self) -> int:
        """Bytes of records that the engine has not completed, as of a moment ago, with those queued since."""
        return self._accepted_bytes - self._gone_bytes

    def problem(self) -> str | None:
        """Say why records are not taken at the moment; None when they are."""
        if not self._thread.is_alive():
            return "its writer has ended"
        return f"is full: {self.live_bytes} of {self._max_bytes} bytes" if self._full else self._write_problem

    def append(self, count: int, weight: int, payload: bytes, done: Done) -> None:
        """See `LogWriter.append`."""
        size = len(payload)
        if self._accepted_bytes - self._gone_bytes + size > self._max_bytes:
            self._full = True
            self._work.set()  # makes the thread look how much the engine has completed meanwhile
            raise LogFull(f"The event log holds {self.live_bytes} bytes; its limit is {self._max_bytes}.", retry_after_seconds=5)
        self._accepted_bytes += size
        self._queue.append((count, weight, payload, done))
        if not self._work.is_set():
            self._work.set()

    def close(self) -> None:
        """See `LogWriter.close`."""
        self._closing = True
        self._work.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            connection = open_log_file(self._path, durability=self._durability)
            busy, looked_at, completed, failed = False, time.monotonic(), completed_bytes(connection), 0
            self._accepted_bytes = completed + int(connection.execute("SELECT coalesce(sum(length(payload)), 0) FROM log").fetchone()[0])
            self._gone_bytes = completed
        except Exception as problem:
            self._problem = problem
            return
        finally:
            self._opened.set()
        while not (self._closing and not self._queue):
            self._work.wait(LOOK_SECONDS if self._full or self._write_problem else None)
            if busy:
                time.sleep(PAUSE_SECONDS)
            self._work.clear()
            group = [self._queue.popleft() for _ in range(len(self._queue))]
            busy = len(group) >= BUSY_RECORDS
            error = None
            if group or self._write_problem:  # without records it is a trial: senders may be waiting for the log to work again
                error = self._disk_problem() or _commit(connection, group)
                self._write_problem = None if error is None else str(error)
            if error is not None:
                failed += sum(len(payload) for _, _, payload, _ in group)
            now = time.monotonic()
            if self._full or now - looked_at > LOOK_SECONDS:
                looked_at = now
                try:
                    completed = completed_bytes(connection)
                except sqlite3.Error as problem:  # what was committed stays so; the next trial looks again
                    self._write_problem = str(_not_written(problem))
            self._gone_bytes = completed + failed
            self._full = self._full and self.live_bytes > self._max_bytes * 0.9
            if group:
                self._wake(_answers(group, error))
            elif not self._closing:
                time.sleep(0.05)  # only a full log wakes the thread with nothing to do: no need to look more often
        connection.close()

    def _disk_problem(self) -> Exception | None:
        try:
            disk = os.statvfs(self._path.parent)
        except OSError as problem:
            return _not_written(problem)
        free = disk.f_bavail * disk.f_frsize
        if free >= SPARE_BYTES:
            return None
        return LogFull(f"The event log cannot be written: its disk has only {free} bytes left.", retry_after_seconds=5)


def _commit(connection: sqlite3.Connection, group: Sequence[_Entry]) -> Exception | None:
    try:
        if not group:
            connection.execute("UPDATE about SET value = value WHERE name = 'completed_bytes'")
        elif len(group) <= ROWS_PER_STATEMENT:
            _insert(connection, group)
        else:
            with _transaction(connection):
                for start in range(0, len(group), ROWS_PER_STATEMENT):
                    _insert(connection, group[start : start + ROWS_PER_STATEMENT])
    except (sqlite3.Error, LogFull) as problem:
        return problem if isinstance(problem, LogFull) else _not_written(problem)
    return None


def _insert(connection: sqlite3.Connection, rows: Sequence[_Entry]) -> None:
    # One statement, because with every step that sqlite3 makes it gives the GIL away, and waits for it while requests are read.
    connection.execute(_insertion(len(rows)), [value for count, weight, payload, _ in rows for value in (count, weight, payload)])


@functools.cache
def _insertion(rows: int) -> str:
    return "INSERT INTO log (n, weight, payload) VALUES " + ",".join(["(?,?,?)"] * rows)  # noqa: S608 - constants


def _not_written(problem: Exception) -> LogFull:
    return LogFull(f"The event log cannot be written: {problem}.", retry_after_seconds=5)


def _answers(group: Sequence[_Entry], error: Exception | None) -> Callable[[], None]:
    def answer() -> None:
        for _, _, _, done in group:
            done(error)

    return answer


class SqliteLogReader:
    """Takes batches from all files of a lane. The engine alone makes one."""

    def __init__(self, directory: Path, *, lane: str, durability: Durability) -> None:
        self._directory = directory
        self._lane = lane
        self._durability = durability
        self._files: dict[str, sqlite3.Connection] = {}
        self._ids: dict[str, str] = {}
        self._turn = 0

    def has_waiting(self, events: int = 1) -> bool:
        """See `LogReader.has_waiting`."""
        # As if all records were like the first; ids have few gaps.
        estimate = "SELECT n * ((SELECT max(id) FROM log) - id + 1) FROM log ORDER BY id LIMIT 1"
        return sum(int(waiting) for connection in self._open().values() for (waiting,) in connection.execute(estimate)) >= events

    def next_plan(self, *, max_events: int, max_bytes: int) -> Plan | None:
        """See `LogReader.next_plan`."""
        files = list(self._open().items())
        for name, connection in files:
            stored = connection.execute("SELECT id FROM plan ORDER BY id LIMIT 1").fetchone()
            if stored is not None:
                _write(connection, "UPDATE plan SET attempts = attempts + 1 WHERE id = ?", stored)
                return self._load(name, stored[0])
        self._turn += 1
        for offset in range(len(files)):  # each file in turn, so that no worker's records wait for another's
            name, connection = files[(self._turn + offset) % len(files)]
            bounds = _cut(connection, max_events, max_bytes)
            if bounds is not None:
                plan = _write(connection, "INSERT INTO plan (first, last, attempts) VALUES (?, ?, 1)", bounds).lastrowid
                return self._load(name, plan)
        return None

    def read(self, plan: Plan) -> list[tuple[str, bytes]]:
        """See `LogReader.read`."""
        identity = self._ids[plan.log]
        rows = self._files[plan.log].execute("SELECT id, payload FROM log WHERE id BETWEEN ? AND ? ORDER BY id", (plan.first, plan.last))
        return [(f"{identity}:{row}", payload) for row, payload in rows]

    def mark_checked(self, plan: Plan, repeated: Sequence[tuple[int, int]]) -> Plan:
        """See `LogReader.mark_checked`."""
        _write(self._files[plan.log], "UPDATE plan SET checked = 1, repeated = ? WHERE id = ?", (json.dumps(list(repeated)), plan.id))
        return self._load(plan.log, plan.id)

    def excuse(self, plan: Plan) -> None:
        """See `LogReader.excuse`."""
        _write(self._files[plan.log], "UPDATE plan SET attempts = attempts - 1 WHERE id = ?", (plan.id,))

    def split(self, plan: Plan) -> bool:
        """See `LogReader.split`."""
        connection = self._files[plan.log]
        records = connection.execute("SELECT id, n FROM log WHERE id BETWEEN ? AND ? ORDER BY id", (plan.first, plan.last)).fetchall()
        repeated = list(plan.repeated)
        halves: list[tuple[int, int, int, int | None, list[tuple[int, int]]]]
        if len(records) > 1:
            centre = len(records) // 2
            middle = records[centre][0]
            before = [(record, index) for record, index in repeated if record < centre]
            after = [(record - centre, index) for record, index in repeated if record >= centre]
            halves = [(plan.first, middle - 1, 0, None, before), (middle, plan.last, 0, None, after)]
        else:
            # The last half stays open at its end: a decoder may find more events than the record's count says.
            low, last = plan.low, records[0][1] if plan.high is None else plan.high
            if last - low <= 1:
                return False
            centre = (low + last) // 2
            halves = [(plan.first, plan.last, low, centre, repeated), (plan.first, plan.last, centre, plan.high, repeated)]
        with _transaction(connection):
            connection.execute("DELETE FROM plan WHERE id = ?", (plan.id,))
            connection.executemany(
                "INSERT INTO plan (first, last, low, high, suspect, checked, repeated) VALUES (?, ?, ?, ?, 1, ?, ?)",
                [(first, last, low, high, plan.checked, json.dumps(gone)) for first, last, low, high, gone in halves],
            )
        return True

    def complete(self, plan: Plan, completion: Completion) -> None:
        """See `LogReader.complete`."""
        connection = self._files[plan.log]
        now = int(time.time() * 1_000_000)
        with _transaction(connection):
            connection.execute("DELETE FROM plan WHERE id = ?", (plan.id,))
            # A record that was split below events goes with the last of its plans.
            if connection.execute("SELECT 1 FROM plan WHERE first <= ? AND last >= ?", (plan.last, plan.first)).fetchone() is None:
                bounds = (plan.first, plan.last)
                connection.execute(
                    "UPDATE about SET value = value + (SELECT coalesce(sum(length(payload)), 0) FROM log WHERE id BETWEEN ? AND ?) "
                    "WHERE name = 'completed_bytes'",
                    bounds,
                )
                connection.execute("DELETE FROM log WHERE id BETWEEN ? AND ?", bounds)
            connection.executemany(
                "INSERT INTO dead_letter (at, project_id, record_id, position, plugin, reason, event, uuid) VALUES (?,?,?,?,?,?,?,?)",
                [
                    (now, letter.project_id, letter.record_id, letter.index, letter.plugin, letter.reason, letter.event, letter.uuid)
                    for letter in completion.dead_letters
                ],
            )
            # Once per record, however many of its events failed.
            records = {letter.record_id: letter.payload for letter in completion.dead_letters}
            connection.executemany("INSERT OR IGNORE INTO dead_record VALUES (?,?)", records.items())
            connection.executemany(
                "INSERT INTO outbox (subscriber, project_id, event) VALUES (?,?,?)",
                [(row.subscriber, row.project_id, json.dumps(event)) for row in completion.outbox for event in row.events],
            )
            connection.executemany(
                "INSERT INTO dropped VALUES (date('now'),?,?,?) ON CONFLICT DO UPDATE SET events = events + excluded.events",
                [(project_id, reason, events) for (project_id, reason), events in completion.dropped.items()],
            )

    def waiting(self) -> Backlog:
        """See `LogReader.waiting`."""
        records = events = size = 0
        oldest = time.time()
        for connection in self._open().values():
            count, events_here, bytes_here = connection.execute(
                "SELECT count(*), coalesce(sum(n), 0), coalesce(sum(length(payload)), 0) FROM log"
            ).fetchone()
            records, events, size = records + count, events + events_here, size + bytes_here
            first = connection.execute("SELECT payload FROM log ORDER BY id LIMIT 1").fetchone()
            if first is not None:
                oldest = min(oldest, json.loads(first[0].partition(b"\n")[0])["received_at"] / 1_000_000)
        return Backlog(records=records, events=events, bytes=size, oldest_seconds=max(0.0, time.time() - oldest) if records else 0.0)

    def close(self) -> None:
        """See `LogReader.close`."""
        for connection in self._files.values():
            connection.close()
        self._files.clear()

    def _open(self) -> dict[str, sqlite3.Connection]:
        for _, path in log_files(self._directory, self._lane):
            if path.name not in self._files:
                connection = open_log_file(path, durability=self._durability)
                self._files[path.name] = connection
                self._ids[path.name] = file_id(connection)
        return self._files

    def _load(self, name: str, plan: int | None) -> Plan:
        columns = "id, first, last, low, high, suspect, attempts, checked, repeated"
        row = self._files[name].execute(f"SELECT {columns} FROM plan WHERE id = ?", (plan,)).fetchone()  # noqa: S608 - constant names
        number, first, last, low, high, suspect, attempts, checked, repeated = row
        part = "" if (low, high) == (0, None) else f":{low}-{'' if high is None else high}"
        return Plan(
            id=number,
            log=name,
            first=first,
            last=last,
            lane=self._lane,
            token=f"{self._ids[name]}:{first}-{last}{part}",
            low=low,
            high=high,
            suspect=bool(suspect),
            attempts=attempts,
            checked=bool(checked),
            repeated=tuple((record, index) for record, index in json.loads(repeated)),
        )


def _cut(connection: sqlite3.Connection, max_events: int, max_bytes: int) -> tuple[int, int] | None:
    first = last = None
    events = size = 0
    for row, n, bytes_here in connection.execute("SELECT id, n, weight FROM log ORDER BY id"):
        size += bytes_here
        if first is not None and (events + n > max_events or size > max_bytes):
            break
        first = row if first is None else first
        last = row
        events += n
    return None if first is None or last is None else (first, last)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make statements on an autocommit connection come true together.

    Raises:
        LogFull: the disk is full or fails; none did.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except sqlite3.OperationalError as problem:
        raise _not_written(problem) from problem
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _write(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> sqlite3.Cursor:
    """Run one statement that changes something; errors as for `_transaction`."""
    with _transaction(connection):
        return connection.execute(sql, values)
