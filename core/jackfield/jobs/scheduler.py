"""Queues jobs when their schedules say so. Any number of processes may run it: each due time fires in one of them, once."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jackfield.errors import PluginProblem
from jackfield.host.host import Host
from jackfield_sdk import Database, Jobs, Retryable, Schedule

LOOK_SECONDS: Final = 30.0
"""Longest sleep; so late is a schedule noticed that another process changed."""
RETRY_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """A schedule, checked.

    Args:
        rule: the schedule as text; when a new version of the plugin changes it, the next time is reckoned anew.
        following: returns the first due time after a moment, given the time it was due last.
    """

    plugin: str
    name: str
    job: str
    rule: str
    first: Callable[[datetime], datetime]
    following: Callable[[datetime, datetime], datetime]


def read_timetables(host: Host) -> list[Timetable]:
    """Check all contributed schedules.

    Raises:
        PluginProblem: a time or zone is not understood.
    """
    return [timetable(item.plugin, item.value) for item in host.registry.of(Schedule)]


def timetable(plugin: str, schedule: Schedule) -> Timetable:
    """Check a schedule.

    One with `every_seconds` is due at once when it is first seen, and then keeps its beat; one with `daily_at` is due once on each day
    of its zone: at the first of two equal times when clocks go back, an hour later when they jump over it.

    Raises:
        PluginProblem: a time or zone is not understood.
    """
    if schedule.daily_at is None:
        return _periodic(plugin, schedule, schedule.every_seconds or 0)
    return _daily(plugin, schedule, schedule.daily_at)


class Scheduler:
    """One per process."""

    def __init__(self, database: Database, jobs: Jobs, timetables: Sequence[Timetable]) -> None:
        self._database = database
        self._jobs = jobs
        self._timetables = {(table.plugin, table.name): table for table in timetables}

    def run(self, stop: threading.Event) -> None:
        """Fire schedules until told to stop."""
        registered = False
        while self._timetables and not stop.is_set():
            try:
                if not registered:
                    self.register(datetime.now(UTC))
                    registered = True
                pause = self.fire_due(datetime.now(UTC))
            except Retryable as problem:
                logger.warning("Schedules cannot be looked at now: %s", problem)
                pause = RETRY_SECONDS
            stop.wait(pause)

    def register(self, now: datetime) -> None:
        """Note schedules that are new or have changed."""
        for table in self._timetables.values():
            self._database.execute(
                "INSERT INTO core_schedule (plugin, name, rule, next_at) VALUES (?, ?, ?, ?) ON CONFLICT (plugin, name) "
                "DO UPDATE SET rule = excluded.rule, next_at = excluded.next_at WHERE core_schedule.rule <> excluded.rule",
                (table.plugin, table.name, table.rule, table.first(now)),
            )

    def fire_due(self, now: datetime) -> float:
        """Queue what is due; what was missed while nothing ran is queued once.

        Returns:
            Seconds until there may be something to do.
        """
        next_times = [now + timedelta(seconds=LOOK_SECONDS)]
        rows = self._database.fetch("SELECT plugin, name, next_at FROM core_schedule", types=(str, str, datetime))
        for plugin, name, due_at in cast("list[tuple[str, str, datetime]]", rows):
            table = self._timetables.get((plugin, name))
            if table is None:  # of a plugin that is gone, disabled or broken
                continue
            if due_at <= now:
                next_at = table.following(due_at, now)
                self._fire(table, due_at, next_at)
                due_at = next_at
            next_times.append(due_at)
        return max(0.0, (min(next_times) - now).total_seconds())

    def _fire(self, table: Timetable, due_at: datetime, next_at: datetime) -> None:
        with self._database.transaction() as transaction:
            moved = transaction.execute(
                "UPDATE core_schedule SET next_at = ? WHERE plugin = ? AND name = ? AND next_at = ?", (next_at, table.plugin, table.name, due_at)
            )
            if moved:  # else another process was first
                self._jobs.enqueue(table.job, {}, key=f"schedule {table.plugin}.{table.name}")


def _periodic(plugin: str, schedule: Schedule, seconds: int) -> Timetable:
    if seconds < 1:
        raise PluginProblem([plugin], f"Schedule {schedule.name!r} of plugin {plugin!r} has every_seconds={seconds}; it must be at least 1.")

    def following(due_at: datetime, now: datetime) -> datetime:
        missed = int((now - due_at).total_seconds() // seconds)
        return due_at + timedelta(seconds=seconds * (missed + 1))

    return Timetable(
        plugin=plugin,
        name=schedule.name,
        job=f"{plugin}.{schedule.job}",
        rule=f"every {seconds} s",
        first=lambda now: now,
        following=following,
    )


def _daily(plugin: str, schedule: Schedule, at: str) -> Timetable:
    try:
        clock = datetime.strptime(at, "%H:%M").time()
        zone = ZoneInfo(schedule.timezone)
    except (ValueError, ZoneInfoNotFoundError) as problem:
        raise PluginProblem(
            [plugin],
            f"Schedule {schedule.name!r} of plugin {plugin!r} is daily at {at!r} in {schedule.timezone!r}; "
            "it must be HH:MM in an IANA zone such as Europe/Berlin.",
        ) from problem

    def first(now: datetime) -> datetime:
        return _next_daily(clock, zone, now)

    return Timetable(
        plugin=plugin,
        name=schedule.name,
        job=f"{plugin}.{schedule.job}",
        rule=f"daily at {at} {schedule.timezone}",
        first=first,
        following=lambda _due_at, now: first(now),
    )


def _next_daily(clock: time, zone: ZoneInfo, now: datetime) -> datetime:
    day = now.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
        if moment > now:
            return moment
        day += timedelta(days=1)
