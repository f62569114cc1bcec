"""What those who queue work rely on, and what workers rely on, over both metadata databases."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from jackfield.jobs.queue import Claim, JobQueue, Progress
from jackfield.storage.database import MetadataDatabase
from jackfield_sdk import Refused


def claim(queue: JobQueue, *, owner: str = "me", limit: int = 10, lease_seconds: float = 30.0) -> list[Claim]:
    return queue.claim(owner, ["mail.clean", "mail.send"], limit=limit, lease_seconds=lease_seconds)


def test_work_is_claimed_once_with_what_was_asked(queue: JobQueue) -> None:
    work = queue.enqueue("mail.send", {"to": ["Žofie"]}, project_id=7)

    [claimed] = claim(queue)

    assert (str(claimed.id), claimed.job, claimed.arguments, claimed.project_id, claimed.attempt) == (work, "mail.send", {"to": ["Žofie"]}, 7, 1)
    assert claim(queue, owner="other") == []


def test_an_unknown_job_is_refused(queue: JobQueue) -> None:
    with pytest.raises(Refused, match=r"no job 'mail\.sned'\. There are: mail\.clean, mail\.send"):
        queue.enqueue("mail.sned", {})
    with pytest.raises(Refused, match="'7' is no id of work"):
        queue.cancel("7")


def test_a_key_is_queued_once_while_it_waits_or_runs(queue: JobQueue) -> None:
    first = queue.enqueue("mail.send", {}, key="welcome 1")
    assert queue.enqueue("mail.send", {}, key="welcome 1") == first
    assert queue.enqueue("mail.send", {}, key="welcome 2") != first
    assert queue.enqueue("mail.clean", {}, key="welcome 1") != first
    assert queue.enqueue("mail.send", {}) != queue.enqueue("mail.send", {})

    claimed = next(one for one in claim(queue) if str(one.id) == first)
    assert queue.enqueue("mail.send", {}, key="welcome 1") == first

    queue.finish(claimed, Progress())
    assert queue.enqueue("mail.send", {}, key="welcome 1") != first


def test_a_key_is_queued_once_by_many(queue: JobQueue) -> None:
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(queue.enqueue("mail.send", {}, key="welcome"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(ids), len(set(ids))) == (8, 1)


def test_work_waits_for_its_time_and_the_oldest_comes_first(queue: JobQueue) -> None:
    now = datetime.now(UTC)
    queue.enqueue("mail.send", {"n": 3}, run_at=now + timedelta(seconds=60))
    queue.enqueue("mail.send", {"n": 2}, run_at=now - timedelta(seconds=1))
    queue.enqueue("mail.send", {"n": 1}, run_at=now - timedelta(seconds=2))

    assert [one.arguments for one in claim(queue, limit=1) + claim(queue)] == [{"n": 1}, {"n": 2}]


def test_workers_never_claim_the_same_work(queue: JobQueue) -> None:
    for number in range(40):
        queue.enqueue("mail.send", {"n": number})
    claimed: list[Claim] = []

    def take(owner: str) -> None:
        while found := claim(queue, owner=owner, limit=3):
            claimed.extend(found)

    threads = [threading.Thread(target=take, args=(f"worker {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    take("last")

    assert sorted(str(one.arguments["n"]) for one in claimed) == sorted(str(number) for number in range(40))


def test_only_jobs_that_a_worker_knows_are_claimed(queue: JobQueue) -> None:
    queue.enqueue("mail.send", {})

    assert queue.claim("me", ["mail.clean"], limit=10, lease_seconds=30.0) == []
    assert queue.claim("me", [], limit=10, lease_seconds=30.0) == []


def test_who_lost_the_lease_changes_nothing_any_more(queue: JobQueue) -> None:
    work = queue.enqueue("mail.send", {})
    [late] = claim(queue, owner="late", lease_seconds=-1.0)
    [current] = claim(queue, owner="current")

    assert current.attempt == 2
    assert queue.renew(late, Progress(), lease_seconds=30.0) == "lost"
    assert not queue.finish(late, Progress())
    assert not queue.retry(late, ValueError(), seconds=0.0)
    assert queue.renew(current, Progress(done=1, total=2, note="half"), lease_seconds=30.0) == "held"

    found = queue.find(work)
    assert found is not None
    assert (found.state, found.progress) == ("running", Progress(done=1, total=2, note="half"))


def test_waiting_work_is_cancelled_at_once(queue: JobQueue) -> None:
    work = queue.enqueue("mail.send", {})

    assert queue.cancel(work) is True

    assert claim(queue) == []
    assert queue.cancel(work) is False
    found = queue.find(work)
    assert found is not None
    assert found.state == "cancelled"


def test_work_that_ended_long_ago_is_forgotten(queue: JobQueue, database: MetadataDatabase) -> None:
    ended, waiting = queue.enqueue("mail.send", {}), queue.enqueue("mail.send", {})
    queue.cancel(ended)

    assert queue.forget(days=14) == 0
    database.execute("UPDATE core_job SET finished_at = ? WHERE finished_at IS NOT NULL", (datetime.now(UTC) - timedelta(days=15),))

    assert queue.forget(days=14) == 1
    assert queue.find(ended) is None
    assert queue.find(waiting) is not None


def test_work_of_a_transaction_that_fails_is_not_queued(queue: JobQueue, database: MetadataDatabase) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction():
        queue.enqueue("mail.send", {})
        _ = 1 / 0

    assert claim(queue) == []
