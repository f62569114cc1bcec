"""The jobs process as a whole, with a plugin that contributes one of each."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from jackfield.host.configuration import Configuration, read_configuration
from jackfield.host.discovery import Discovery, Plugin
from jackfield.host.host import Host
from jackfield.host.registry import build_registry
from jackfield.jobs.process import run_jobs
from jackfield.jobs.scheduler import Scheduler
from jackfield_sdk import Blobs, Bus, Context, Database, Delivery, Job, JobRun, Jobs, Locks, PluginMeta, Schedule, Subscriber, hookimpl


class OneEvent:
    """An outbox in which one event waits."""

    def __init__(self) -> None:
        self.waiting = [(1, Delivery(project_id=1, event={"event": "signed up"}))]

    def pending(self, subscriber: str, limit: int) -> list[tuple[int, Delivery]]:
        return list(self.waiting)

    def advance(self, subscriber: str, offset: int) -> None:
        self.waiting.clear()

    def dead(self, subscriber: str, offset: int, reason: str) -> None:
        raise AssertionError(reason)


@pytest.fixture
def configuration(sqlite_environment: dict[str, str]) -> Configuration:
    return read_configuration(sqlite_environment)


def host_with(jobs: Sequence[Job | Schedule], subscribers: Sequence[Subscriber] = ()) -> Host:
    module = ModuleType("mail")
    module.plugin_meta = hookimpl(lambda: PluginMeta(name="mail", summary="", api=">=0"))  # type: ignore[attr-defined]
    module.register_jobs = hookimpl(lambda: jobs)  # type: ignore[attr-defined]
    module.register_subscribers = hookimpl(lambda: subscribers)  # type: ignore[attr-defined]
    return Host(build_registry(Discovery([Plugin(name="mail", module=module, distribution="mail", version="1")], [])), environment={})


def test_jobs_schedules_and_subscribers_of_plugins_run(configuration: Configuration) -> None:
    ran, told = threading.Event(), threading.Event()
    seen: list[object] = []

    def build(context: Context) -> Callable[[JobRun], None]:
        seen.append([context.find(service) is not None for service in (Blobs, Bus, Database, Jobs, Locks)])
        return lambda run: ran.set()

    def broken(context: Context) -> Callable[[JobRun], None]:
        raise ValueError("cannot be built, which must not hold up the others")

    def deliver(context: Context) -> Callable[[Sequence[Delivery]], None]:
        return lambda deliveries: told.set()

    def reject(context: Context) -> Callable[[object], object]:
        raise AssertionError("the filter is the engine's")

    host = host_with(
        [Job(name="broken", build=broken), Job(name="clean", build=build), Schedule(name="hourly", job="clean", every_seconds=3600)],
        [Subscriber(name="alerts", filter=reject, deliver=deliver)],
    )
    stop, outbox = threading.Event(), OneEvent()
    process = threading.Thread(target=run_jobs, args=(host, configuration, stop), kwargs={"outbox": outbox})
    process.start()

    assert ran.wait(5.0)
    assert told.wait(5.0)

    stopped_at = time.monotonic()
    stop.set()
    process.join()
    assert time.monotonic() - stopped_at < 2.0
    assert seen == [[True] * 5]
    assert outbox.waiting == []


def test_a_part_that_breaks_ends_the_process(configuration: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(scheduler: Scheduler, stop: threading.Event) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(Scheduler, "run", broken)

    with pytest.raises(RuntimeError, match="a defect"):
        run_jobs(host_with([]), configuration, threading.Event())


def test_a_blobs_folder_is_in_the_data_folder(configuration: Configuration) -> None:
    host, stop = host_with([]), threading.Event()
    stop.set()

    run_jobs(host, configuration, stop)
    host.require(Blobs).put("a/b", b"1")

    assert Path(configuration.data_dir / "blobs" / "a" / "b").read_bytes() == b"1"
