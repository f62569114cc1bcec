"""The queue of background work, in the metadata database. Whoever claims work holds a lease on it; when that ends, others may claim it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

from jackfield.host.host import Host
from jackfield_sdk import Database, Job, JsonObject, Refused
from jackfield_sdk.identity import uuid7
from jackfield_sdk.services import SqlValue

State = Literal["waiting", "running", "done", "failed", "cancelled"]

_CLAIMABLE: Final = "((state = 'waiting' AND run_at <= ?) OR (state = 'running' AND lease_until < ?))"
_OURS: Final = "id = ? AND owner = ? AND attempt = ? AND state = 'running'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Work that somebody holds a lease on.

    Args:
        attempt: from 1; with `owner` it tells this lease from later ones on the same work.
        cancel_requested: somebody cancelled it while it ran elsewhere, and that process died.
    """

    id: UUID
    job: str
    arguments: JsonObject
    project_id: int | None
    attempt: int
    owner: str
    cancel_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far work is."""

    done: int = 0
    total: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkState:
    """What a page can show of a piece of work."""

    id: str
    job: str
    state: State
    attempt: int
    cancel_requested: bool
    progress: Progress
    error_type: str
    error_message: str


def open_queue(host: Host, database: Database) -> "JobQueue":
    """Open the queue for the jobs that plugins contribute."""
    return JobQueue(database, [f"{item.plugin}.{item.value.name}" for item in host.registry.of(Job)])


class JobQueue:
    """Implements the SDK's `Jobs`, and the other end of it, for workers."""

    def __init__(self, database: Database, jobs: Collection[str]) -> None:
        self._database = database
        self._jobs = frozenset(jobs)

    # -- for those who want work done --------------------------------------------------------------------------------

    def enqueue(
        self, job: str, arguments: JsonObject, *, project_id: int | None = None, key: str | None = None, run_at: datetime | None = None
    ) -> str:
        """Put work into the queue; inside a transaction, when that commits. Keys are told apart job by job."""
        if job not in self._jobs:
            raise Refused(f"There is no job {job!r}. There are: {', '.join(sorted(self._jobs)) or 'none'}.")
        now = datetime.now(UTC)
        work = uuid7()
        while not self._database.execute(
            "INSERT INTO core_job (id, job, arguments, project_id, key, state, attempt, run_at, cancel_requested, progress_done, progress_note, "
            "error_type, error_message, created_at) VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?, 0, '', '', '', ?) ON CONFLICT DO NOTHING",
            (work, job, arguments, project_id, key, run_at or now, False, now),
        ):
            there = self._database.fetch(
                "SELECT id FROM core_job WHERE job = ? AND key = ? AND state IN ('waiting', 'running')", (job, key), types=(UUID,)
            )
            if there:
                return str(there[0][0])
        return str(work)

    def cancel(self, work: str) -> bool:
        """Cancel work: at once while it waits; while it runs, when it next tells its progress.

        Returns:
            False when it has ended already, or never was.
        """
        now, work_id = datetime.now(UTC), _parsed(work)
        waiting = "UPDATE core_job SET state = 'cancelled', cancel_requested = ?, finished_at = ? WHERE id = ? AND state = 'waiting'"
        running = "UPDATE core_job SET cancel_requested = ? WHERE id = ? AND state = 'running'"
        return bool(self._database.execute(waiting, (True, now, work_id)) or self._database.execute(running, (True, work_id)))

    def find(self, work: str) -> WorkState | None:
        """Look up how work is."""
        rows = self._database.fetch(
            "SELECT job, state, attempt, cancel_requested, progress_done, progress_total, progress_note, error_type, error_message "
            "FROM core_job WHERE id = ?",
            (_parsed(work),),
            types=(str, str, int, bool),
        )
        for row in cast("list[tuple[str, State, int, bool, int, int | None, str, str, str]]", rows):
            job, state, attempt, cancel_requested, done, total, note, error_type, error_message = row
            return WorkState(
                id=work,
                job=job,
                state=state,
                attempt=attempt,
                cancel_requested=cancel_requested,
                progress=Progress(done=done, total=total, note=note),
                error_type=error_type,
                error_message=error_message,
            )
        return None

    # -- for workers -------------------------------------------------------------------------------------------------

    def claim(self, owner: str, jobs: Sequence[str], *, limit: int, lease_seconds: float) -> list[Claim]:
        """Take work that is due, or whose holder's lease has ended, oldest first.

        Args:
            owner: names the worker; must be unique among all that run.
            jobs: only work of these.
        """
        if not jobs or limit < 1:
            return []
        now = datetime.now(UTC)
        marks = ", ".join("?" * len(jobs))
        due = self._database.fetch(  # first only look: an idle worker must not stand in the way of writers
            f"SELECT id FROM core_job WHERE job IN ({marks}) AND {_CLAIMABLE} ORDER BY run_at, id LIMIT ?",  # noqa: S608
            (*jobs, now, now, limit),
            types=(UUID,),
        )
        if not due:
            return []
        claimed = self._database.fetch(  # the condition is asked again: another worker may have seen the same rows
            "UPDATE core_job SET state = 'running', attempt = attempt + 1, owner = ?, lease_until = ?, started_at = ? "  # noqa: S608
            f"WHERE id IN ({', '.join('?' * len(due))}) AND {_CLAIMABLE} RETURNING id, job, arguments, project_id, attempt, cancel_requested",
            (owner, now + timedelta(seconds=lease_seconds), now, *(row[0] for row in due), now, now),
            types=(UUID, str, dict, int, int, bool),
        )
        return [
            Claim(id=work, job=job, arguments=arguments, project_id=project_id, attempt=attempt, owner=owner, cancel_requested=cancel_requested)
            for work, job, arguments, project_id, attempt, cancel_requested in cast(
                "list[tuple[UUID, str, JsonObject, int | None, int, bool]]", claimed
            )
        ]

    def renew(self, claim: Claim, progress: Progress, *, lease_seconds: float) -> Literal["held", "cancelled", "lost"]:
        """Prolong the lease and tell the progress."""
        rows = self._database.fetch(
            "UPDATE core_job SET lease_until = ?, progress_done = ?, progress_total = ?, progress_note = ? "  # noqa: S608
            f"WHERE {_OURS} RETURNING cancel_requested",
            (datetime.now(UTC) + timedelta(seconds=lease_seconds), progress.done, progress.total, progress.note, *_lease(claim)),
            types=(bool,),
        )
        if not rows:
            return "lost"
        return "cancelled" if rows[0][0] else "held"

    def finish(self, claim: Claim, progress: Progress) -> bool:
        """Mark work as done; False when the lease was lost meanwhile."""
        return self._end(claim, "done", progress)

    def fail(self, claim: Claim, progress: Progress, problem: BaseException) -> bool:
        """Mark work as failed for good."""
        return self._end(claim, "failed", progress, problem)

    def end_cancelled(self, claim: Claim, progress: Progress) -> bool:
        """Mark work as cancelled."""
        return self._end(claim, "cancelled", progress)

    def retry(self, claim: Claim, problem: BaseException, *, seconds: float) -> bool:
        """Let work wait for another attempt; the error is kept until then."""
        return self._wait(claim, seconds, claim.attempt, type(problem).__name__, str(problem))

    def put_back(self, claim: Claim) -> bool:
        """Give work back untried, because this process stops."""
        return self._wait(claim, 0.0, claim.attempt - 1, "", "")

    def forget(self, *, days: int) -> int:
        """Delete work that ended longer ago."""
        return self._database.execute("DELETE FROM core_job WHERE finished_at < ?", (datetime.now(UTC) - timedelta(days=days),))

    def _end(self, claim: Claim, state: State, progress: Progress, problem: BaseException | None = None) -> bool:
        error = (type(problem).__name__, str(problem)) if problem else ("", "")
        changed = self._database.execute(
            "UPDATE core_job SET state = ?, finished_at = ?, owner = NULL, lease_until = NULL, progress_done = ?, progress_total = ?, "  # noqa: S608
            f"progress_note = ?, error_type = ?, error_message = ? WHERE {_OURS}",
            (state, datetime.now(UTC), progress.done, progress.total, progress.note, *error, *_lease(claim)),
        )
        return changed == 1

    def _wait(self, claim: Claim, seconds: float, attempt: int, error_type: str, error_message: str) -> bool:
        changed = self._database.execute(
            "UPDATE core_job SET state = 'waiting', run_at = ?, attempt = ?, owner = NULL, lease_until = NULL, "  # noqa: S608
            f"error_type = ?, error_message = ? WHERE {_OURS}",
            (datetime.now(UTC) + timedelta(seconds=seconds), attempt, error_type, error_message, *_lease(claim)),
        )
        return changed == 1


def _lease(claim: Claim) -> tuple[SqlValue, ...]:
    return (claim.id, claim.owner, claim.attempt)


def _parsed(work: str) -> UUID:
    try:
        return UUID(work)
    except ValueError as problem:
        raise Refused(f"{work!r} is no id of work.") from problem
