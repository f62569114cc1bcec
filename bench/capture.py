"""The main figures: Jackfield under load, from the first byte sent until the last event is queryable."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.bodies import Shape, core_shape, posthog_shape, write_bodies
from bench.load import Generator, Order
from bench.server import SETTLE_SECONDS, TOKEN, Server

NOMINAL_EVENTS_PER_SECOND: Final = {50: 80_000, 10: 50_000, 1: 20_000}
"""How many events a run sends per second of its nominal length; all at once, as fast as they are answered."""

PACED_SHARE: Final = 0.5
"""The paced run goes at this share of the throughput that was just measured."""

PACED_LIMIT: Final = 1.2
"""Bodies are made before the throughput is known; the paced run is cut short when it is beyond this multiple of the nominal one."""


@dataclass(frozen=True, slots=True)
class Load:
    """Bodies on disk, the same for every round and every server.

    Args:
        flat, paced: how many requests there are for the run at full speed and for the paced one.
    """

    shape: Shape
    path: Path
    flat: int
    paced: int

    @property
    def events(self) -> int:
        """Count the events of the run at full speed."""
        return self.flat * self.shape.per_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run on an empty server.

    Args:
        cpu_per_event: microseconds of the whole tree, until merges have settled; by role in `cpu_by_role`.
        captured_per_second, queryable_per_second: events by the time of the last answer, and of the last count.
        p99_flat, p99_paced: milliseconds of an answer at full speed, and at half the throughput.
        paced_rate: events per second of the paced run.
        paced_cpu_per_event: as `cpu_per_event`, in the paced run.
    """

    cpu_per_event: float
    cpu_by_role: dict[str, float]
    captured_per_second: float
    queryable_per_second: float
    p50_flat: float
    p99_flat: float
    p50_paced: float
    p99_paced: float
    longest_paced: float
    paced_rate: float
    paced_cpu_per_event: float


@contextmanager
def prepared_loads(per_request: Sequence[int], *, form: str, gzipped: bool, seconds: float) -> Iterator[dict[int, Load]]:
    """Make all bodies; they are deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="jackfield-bodies-") as folder:
        loads: dict[int, Load] = {}
        for number in per_request:
            shape = core_shape(number, TOKEN, gzipped=gzipped) if form == "core" else posthog_shape(number, gzipped=gzipped)
            flat = round(NOMINAL_EVENTS_PER_SECOND[number] * seconds / number)
            paced = round(flat * PACED_SHARE * PACED_LIMIT)
            load = Load(shape, Path(folder) / str(number), flat, paced)
            write_bodies(load.path, shape, TOKEN, flat + paced)
            loads[number] = load
        yield loads


def run_round(load: Load, *, seconds: float) -> Round:
    """Start a server, send everything at full speed, then a part at an even pace; check that every event is there once."""
    shape = load.shape
    with Server() as server:
        flat = Order(port=server.port, bodies=str(load.path), shape=shape, first=0, count=load.flat)
        generator = Generator(flat)
        before = server.cpu()
        sent = generator.run()
        _expect_no_refusals(sent.refused)
        queryable = server.wait_until_queryable(load.events)
        time.sleep(SETTLE_SECONDS)
        used = server.cpu().since(before)
        throughput = load.events / (queryable - sent.begun)

        rate = throughput / shape.per_request * PACED_SHARE
        paced_count = min(load.paced, round(rate * seconds))
        paced = Order(port=server.port, bodies=str(load.path), shape=shape, first=load.flat, count=paced_count, rate=rate)
        generator = Generator(paced)
        before_paced = server.cpu()
        answered = generator.run()
        _expect_no_refusals(answered.refused)
        total = load.events + paced_count * shape.per_request
        server.wait_until_queryable(total)
        time.sleep(SETTLE_SECONDS)
        used_paced = server.cpu().since(before_paced)
        if (distinct := server.count_distinct()) != total:
            raise RuntimeError(f"{total} events were sent, but there are {distinct} different uuids")
    return Round(
        cpu_per_event=used.total / load.events * 1e6,
        cpu_by_role={role: spent / load.events * 1e6 for role, spent in used.by_role.items()},
        captured_per_second=load.events / sent.seconds,
        queryable_per_second=throughput,
        p50_flat=sent.p50,
        p99_flat=sent.p99,
        p50_paced=answered.p50,
        p99_paced=answered.p99,
        longest_paced=answered.longest,
        paced_rate=rate * shape.per_request,
        paced_cpu_per_event=used_paced.total / (paced_count * shape.per_request) * 1e6,
    )


def _expect_no_refusals(refused: dict[str, int]) -> None:
    if refused:
        raise RuntimeError(f"requests were refused: {refused}")
