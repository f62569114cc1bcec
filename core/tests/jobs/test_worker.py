"""How work runs: retries, cancelling, progress, and what a killed process leaves behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from tests.jobs.conftest import Working

from jackfield.jobs import worker
from jackfield.jobs.queue import JobQueue, Progress, WorkState
from jackfield_sdk import Cancelled, JobRun

DIE_WORKING = """
import threading, time
from jackfield.host.configuration import read_configuration
from jackfield.jobs.queue import JobQueue
from jackfield.jobs.worker import Handler, Worker
from jackfield.storage.database import open_database
def hang(run):
    run.progress(1, 10)
    print("started", run.attempt, flush=True)
    time.sleep(60)
queue = JobQueue(open_database(read_configuration()), ["mail.send"])
Worker(queue, {"mail.send": Handler(run=hang, max_attempts=3)}, lease_seconds=0.6).run(threading.Event())
"""


def state(queue: JobQueue, work: str) -> WorkState:
    found = queue.find(work)
    assert found is not None
    return found


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_work_runs(queue: JobQueue, working: Working) -> None:
    seen: list[object] = []
    work = queue.enqueue("mail.send", {"to": "Žofie"}, project_id=7)

    with working({"mail.send": lambda run: seen.extend([run.id, run.arguments, run.project_id, run.attempt])}):
        wait_until(lambda: state(queue, work).state == "done")

    assert seen == [work, {"to": "Žofie"}, 7, 1]


def test_what_fails_is_tried_again_and_then_given_up_with_its_error(queue: JobQueue, working: Working) -> None:
    attempts: list[int] = []

    def fail(run: JobRun) -> None:
        attempts.append(run.attempt)
        raise ValueError(f"no such mailbox at attempt {run.attempt}")

    def exit_at_first(run: JobRun) -> None:
        if run.attempt == 1:
            sys.exit("a handler must not end the worker")

    work, other = queue.enqueue("mail.send", {}), queue.enqueue("mail.clean", {})
    with working({"mail.send": fail, "mail.clean": exit_at_first}):
        wait_until(lambda: state(queue, work).state == "failed" and state(queue, other).state == "done")

    assert attempts == [1, 2, 3]
    ended = state(queue, work)
    assert (ended.attempt, ended.error_type, ended.error_message) == (3, "ValueError", "no such mailbox at attempt 3")
    assert (state(queue, other).attempt, state(queue, other).error_type) == (2, "")


def test_running_work_is_cancelled_when_it_tells_its_progress(queue: JobQueue, working: Working) -> None:
    cleaned_up = threading.Event()

    def count(run: JobRun) -> None:
        try:
            for number in range(100_000):
                run.progress(number, 100_000)
                time.sleep(0.01)
        except Cancelled:
            cleaned_up.set()
            raise

    work = queue.enqueue("mail.send", {})
    with working({"mail.send": count}):
        wait_until(lambda: state(queue, work).state == "running")
        assert queue.cancel(work) is True
        wait_until(lambda: state(queue, work).state == "cancelled")

    assert cleaned_up.is_set()


def test_progress_shows_while_work_runs(queue: JobQueue, working: Working) -> None:
    go_on = threading.Event()

    def half(run: JobRun) -> None:
        run.progress(5, 10, "half of the mailboxes")
        go_on.wait()
        run.progress(10, 10)  # so soon after another that it is written at the end

    work = queue.enqueue("mail.send", {})
    with working({"mail.send": half}):
        wait_until(lambda: state(queue, work).progress == Progress(done=5, total=10, note="half of the mailboxes"))
        assert state(queue, work).state == "running"
        go_on.set()
        wait_until(lambda: state(queue, work).state == "done")

    assert state(queue, work).progress == Progress(done=10, total=10)


def test_long_work_keeps_its_lease(queue: JobQueue, working: Working) -> None:
    attempts: list[int] = []

    def silent(run: JobRun) -> None:
        attempts.append(run.attempt)
        time.sleep(1.0)

    work = queue.enqueue("mail.send", {})
    with working({"mail.send": silent}), working({"mail.send": silent}):
        wait_until(lambda: state(queue, work).state == "done")

    assert attempts == [1]


def test_work_of_a_killed_process_runs_again(queue: JobQueue, working: Working, environment: dict[str, str]) -> None:
    work = queue.enqueue("mail.send", {})
    attempts: list[int] = []
    with subprocess.Popen([sys.executable, "-c", DIE_WORKING], env=os.environ | environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started 1\n"
        process.send_signal(signal.SIGKILL)

    with working({"mail.send": lambda run: attempts.append(run.attempt)}):
        wait_until(lambda: state(queue, work).state == "done")

    assert attempts == [2]


def test_work_that_kills_its_process_is_given_up(queue: JobQueue, working: Working) -> None:
    work = queue.enqueue("mail.send", {})
    for _ in range(3):
        assert queue.claim("a process that dies", ["mail.send"], limit=1, lease_seconds=-1.0) != []
    attempts: list[int] = []

    with working({"mail.send": lambda run: attempts.append(run.attempt)}):
        wait_until(lambda: state(queue, work).state == "failed")

    assert attempts == []
    assert state(queue, work).error_type == "ProcessDied"


def test_a_cancelled_run_of_a_killed_process_does_not_run_again(queue: JobQueue, working: Working) -> None:
    work = queue.enqueue("mail.send", {})
    queue.claim("a process that dies", ["mail.send"], limit=1, lease_seconds=-1.0)
    queue.cancel(work)
    attempts: list[int] = []

    with working({"mail.send": lambda run: attempts.append(run.attempt)}):
        wait_until(lambda: state(queue, work).state == "cancelled")

    assert attempts == []


def test_a_worker_that_stops_gives_work_back_untried(queue: JobQueue, working: Working) -> None:
    started = threading.Event()

    def count(run: JobRun) -> None:
        for number in range(100_000):
            run.progress(number)
            started.set()
            time.sleep(0.01)

    work = queue.enqueue("mail.send", {})
    with working({"mail.send": count}):
        started.wait()

    assert (state(queue, work).state, state(queue, work).attempt) == ("waiting", 0)


def test_a_worker_runs_no_more_at_once_than_it_has_threads(queue: JobQueue, working: Working) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def overlap(run: JobRun) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1

    works = [queue.enqueue("mail.send", {}) for _ in range(10)]
    with working({"mail.send": overlap}):
        wait_until(lambda: all(state(queue, work).state == "done" for work in works))

    assert most == worker.THREADS
