"""When schedules fire, and that they do so once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from jackfield.errors import PluginProblem
from jackfield.jobs.queue import JobQueue, Progress
from jackfield.jobs.scheduler import Scheduler, Timetable, timetable
from jackfield.storage.database import MetadataDatabase
from jackfield_sdk import Schedule

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def scheduler(database: MetadataDatabase, *schedules: Schedule) -> Scheduler:
    return Scheduler(database, JobQueue(database, ["mail.clean"]), [timetable("mail", schedule) for schedule in schedules])


def fired(database: MetadataDatabase) -> int:
    """Count queued runs and finish them."""
    queue = JobQueue(database, ["mail.clean"])
    claims = queue.claim("me", ["mail.clean"], limit=100, lease_seconds=30.0)
    return sum(queue.finish(claim, Progress()) for claim in claims)


def due_times(schedule: Schedule, start: datetime, count: int) -> list[str]:
    table: Timetable = timetable("mail", schedule)
    times = [table.first(start)]
    while len(times) < count:
        times.append(table.following(times[-1], times[-1]))
    return [time.astimezone(UTC).isoformat(sep=" ", timespec="minutes")[:16] for time in times]


def test_a_period_fires_at_once_and_keeps_its_beat(database: MetadataDatabase) -> None:
    clock = scheduler(database, Schedule(name="hourly", job="clean", every_seconds=3600))
    clock.register(NOON)

    assert clock.fire_due(NOON) == 30.0
    assert fired(database) == 1
    assert clock.fire_due(NOON + timedelta(seconds=3595)) == 5.0
    assert fired(database) == 0
    clock.fire_due(NOON + timedelta(seconds=3600))
    assert fired(database) == 1


def test_what_was_missed_fires_once_and_the_beat_stays(database: MetadataDatabase) -> None:
    clock = scheduler(database, Schedule(name="hourly", job="clean", every_seconds=3600))
    clock.register(NOON)
    clock.fire_due(NOON)
    fired(database)

    late = NOON + timedelta(hours=5, minutes=59, seconds=50)
    clock = scheduler(database, Schedule(name="hourly", job="clean", every_seconds=3600))
    clock.register(late)

    assert clock.fire_due(late) == 10.0
    assert fired(database) == 1
    assert clock.fire_due(late) == 10.0
    assert fired(database) == 0


def test_a_run_that_still_waits_is_not_queued_a_second_time(database: MetadataDatabase) -> None:
    clock = scheduler(database, Schedule(name="hourly", job="clean", every_seconds=3600))
    clock.register(NOON)

    for hour in range(3):
        clock.fire_due(NOON + timedelta(hours=hour))

    assert fired(database) == 1


def test_two_schedulers_fire_a_due_time_once(database: MetadataDatabase) -> None:
    schedules = [Schedule(name=f"number {number}", job="clean", every_seconds=1) for number in range(5)]
    stop = threading.Event()
    threads = [threading.Thread(target=scheduler(database, *schedules).run, args=(stop,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    stop.wait(0.7)
    stop.set()
    for thread in threads:
        thread.join()

    assert fired(database) == 5


def test_a_changed_rule_is_reckoned_anew(database: MetadataDatabase) -> None:
    clock = scheduler(database, Schedule(name="cleaning", job="clean", daily_at="23:00"))
    clock.register(NOON)
    clock.fire_due(NOON)

    clock = scheduler(database, Schedule(name="cleaning", job="clean", daily_at="12:30"))
    clock.register(NOON)

    clock.fire_due(NOON + timedelta(minutes=31))
    assert fired(database) == 1


def test_daily_means_once_a_day_in_its_zone_when_clocks_jump_forward() -> None:
    schedule = Schedule(name="report", job="clean", daily_at="02:30", timezone="Europe/Berlin")

    times = due_times(schedule, datetime(2026, 3, 27, 12, 0, tzinfo=UTC), 3)

    assert times == ["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"]  # 02:30 does not exist on the 29th: 03:30 local


def test_daily_means_once_a_day_in_its_zone_when_clocks_go_back() -> None:
    schedule = Schedule(name="report", job="clean", daily_at="02:30", timezone="Europe/Berlin")

    times = due_times(schedule, datetime(2026, 10, 23, 12, 0, tzinfo=UTC), 3)

    assert times == ["2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"]  # 02:30 comes twice on the 25th: the first counts


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(name="report", job="clean", daily_at="25:00"),
        Schedule(name="report", job="clean", daily_at="02:30", timezone="Europe/Atlantis"),
        Schedule(name="report", job="clean", daily_at="02:30", timezone="../../etc/passwd"),
        Schedule(name="report", job="clean", every_seconds=0),
    ],
)
def test_a_schedule_that_is_not_understood_names_its_plugin(schedule: Schedule) -> None:
    with pytest.raises(PluginProblem, match="Schedule 'report' of plugin 'mail'") as problem:
        timetable("mail", schedule)

    assert problem.value.plugins == ("mail",)
