"""`python -m bench`: runs what is asked for, and prints figure, target, measured, met or missed. Run it on a quiet machine."""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from bench.capture import Load, Round, prepared_loads, run_round
from bench.faults import Faults, run_faults
from bench.peers import NULL_MICROSECONDS, PeerResult, run_bound, run_null, run_postgres
from bench.report import Figure, machine, table
from bench.start import run_start

PARTS: Final = ("capture", "peers", "start", "faults")
PER_REQUEST: Final = (50, 10, 1)
CPU_TARGETS: Final = {50: 20.0, 10: 30.0, 1: 80.0}
RATE_TARGETS: Final = {50: 60_000.0}
P99_MILLISECONDS: Final = 40.0
NULL_REQUESTS: Final = 40_000
BOUND_EVENTS: Final = {50: 300_000, 10: 150_000, 1: 40_000}
POSTGRES_EVENTS: Final = {50: 30_000, 10: 30_000, 1: 15_000}


def main() -> int:
    """Run the parts asked for; returns 1 when a target is missed."""
    options = _options()
    figures: list[Figure] = []
    speed = 1.0
    print(machine(), flush=True)
    if "start" in options.only:
        figures += _start_figures()
    if {"capture", "peers"} & set(options.only):
        with prepared_loads(options.per_request, form=options.form, gzipped=not options.plain, seconds=options.seconds) as loads:
            null = _median([run_null(loads[min(loads)], min(NULL_REQUESTS, loads[min(loads)].flat)) for _ in range(3)], lambda it: it.cpu_per_request)
            speed = null / NULL_MICROSECONDS
            figures.append(Figure(name="null request, uvicorn ASGI", unit="µs CPU", measured=null))
            rounds = {number: _rounds(load, options) for number, load in loads.items()} if "capture" in options.only else {}
            for number, done in rounds.items():
                figures += _capture_figures(number, done)
            if "peers" in options.only:
                for number, load in loads.items():
                    figures += _peer_figures(number, load, rounds.get(number, []))
    if "faults" in options.only:
        figures += [figure for faults in run_faults(options.fault_rounds) for figure in _fault_figures(faults)]
    print("\n" + table(figures, speed))
    if {"capture", "peers"} & set(options.only):
        print(f"\nscaled: by a null request of {NULL_MICROSECONDS} µs on the machine of the targets; here it costs {speed * NULL_MICROSECONDS:.1f}.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS), help=f"parts to run, of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of capture; the median is printed")
    parser.add_argument("--seconds", type=float, default=5.0, help="nominal length of a run")
    parser.add_argument("--per-request", type=lambda text: [int(part) for part in text.split(",")], default=list(PER_REQUEST), help="of 50, 10, 1")
    parser.add_argument("--form", choices=["posthog", "core"], default="posthog", help="what PostHog's SDKs send, or POST /v1/events")
    parser.add_argument("--plain", action="store_true", help="bodies that are not compressed")
    parser.add_argument("--fault-rounds", type=int, default=10, help="rounds of kill -9, each of web worker and engine")
    options = parser.parse_args()
    unknown = [part for part in options.only if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    return options


def _rounds(load: Load, options: argparse.Namespace) -> list[Round]:
    rounds: list[Round] = []
    for number in range(options.rounds):
        begun = time.monotonic()
        done = run_round(load, seconds=options.seconds)
        roles = ", ".join(f"{role} {spent:.1f}" for role, spent in sorted(done.cpu_by_role.items()) if spent >= 0.05)
        print(
            f"{load.shape.per_request:2} per request, round {number + 1}: {done.cpu_per_event:.1f} µs CPU/event ({roles}), "
            f"{done.queryable_per_second:,.0f} events/s queryable, {done.captured_per_second:,.0f} captured; p50/p99 at full speed "
            f"{done.p50_flat:.1f}/{done.p99_flat:.1f} ms, at {done.paced_rate:,.0f}/s {done.p50_paced:.1f}/{done.p99_paced:.1f} ms, "
            f"{done.paced_cpu_per_event:.1f} µs ({time.monotonic() - begun:.0f} s)",
            flush=True,
        )
        rounds.append(done)
    return rounds


def _capture_figures(number: int, rounds: Sequence[Round]) -> list[Figure]:
    name = f"{number} per request"
    return [
        Figure(
            name=f"{name}: CPU per event, whole tree",
            unit="µs",
            measured=_median(rounds, lambda it: it.cpu_per_event),
            target=CPU_TARGETS[number],
            scaling="cpu",
        ),
        Figure(
            name=f"{name}: events/s until queryable",
            unit="/s",
            measured=_median(rounds, lambda it: it.queryable_per_second),
            target=RATE_TARGETS.get(number),
            at_least=True,
            scaling="rate",
        ),
        Figure(name=f"{name}: events/s captured", unit="/s", measured=_median(rounds, lambda it: it.captured_per_second), scaling="rate"),
        Figure(name=f"{name}: p99 at full speed", unit="ms", measured=_median(rounds, lambda it: it.p99_flat)),
        Figure(
            name=f"{name}: p99 at half the maximum",
            unit="ms",
            measured=_median(rounds, lambda it: it.p99_paced),
            target=P99_MILLISECONDS,
        ),
    ]


def _peer_figures(number: int, load: Load, rounds: Sequence[Round]) -> list[Figure]:
    name = f"{number} per request"
    bound = run_bound(load, min(load.flat, BOUND_EVENTS[number] // number))
    postgres = run_postgres(load, min(load.flat, POSTGRES_EVENTS[number] // number))
    figures: list[Figure] = []
    for peer, result in (("bare uvicorn, parses and keeps nothing", bound), ("PostgreSQL, one INSERT per event", postgres)):
        figures += [
            Figure(name=f"{name}: {peer}", unit="µs", measured=result.cpu_per_event, scaling="cpu"),
            Figure(name=f"{name}: {peer}", unit="/s", measured=result.events_per_second, scaling="rate"),
        ]
    return figures + (_ratios(name, bound, postgres, rounds) if rounds else [])


def _ratios(name: str, bound: PeerResult, postgres: PeerResult, rounds: Sequence[Round]) -> list[Figure]:
    cpu = _median(rounds, lambda it: it.cpu_per_event)
    rate = _median(rounds, lambda it: it.queryable_per_second)
    return [
        Figure(name=f"{name}: CPU, Jackfield / bare uvicorn", unit="×", measured=cpu / bound.cpu_per_event),
        Figure(name=f"{name}: CPU, PostgreSQL / Jackfield", unit="×", measured=postgres.cpu_per_event / cpu),
        Figure(name=f"{name}: events/s, Jackfield / PostgreSQL", unit="×", measured=rate / postgres.events_per_second),
    ]


def _start_figures() -> list[Figure]:
    start = run_start(os.environ.get("JACKFIELD_PLUGINS_DISABLED", ""))
    print(f"plugins: {', '.join(start.plugins)}", flush=True)
    return [
        Figure(name="start to ready, empty data folder", unit="s", measured=start.first_seconds),
        Figure(name="start to ready, warm", unit="s", measured=start.warm_seconds, target=8.0),
        Figure(name="idle memory of the tree, PSS", unit="MiB", measured=start.idle.pss),
        Figure(name="idle memory of the tree, sum of RSS", unit="MiB", measured=start.idle.rss, target=700.0),
        Figure(name="discovery and validation of plugins, no Django", unit="s", measured=start.discovery_seconds, target=1.0),
    ]


def _fault_figures(faults: Faults) -> list[Figure]:
    name = f"kill -9 of {faults.victim}, {faults.rounds} rounds"
    figures = [
        Figure(name=f"{name}: kills", unit="", measured=faults.kills),
        Figure(name=f"{name}: events acknowledged", unit="", measured=faults.acknowledged),
        Figure(name=f"{name}: lost or doubled", unit="", measured=0, target=0),
    ]
    if faults.between_insert_and_delete:
        proven = Figure(name=f"{name}: proven between insert and delete", unit="", measured=faults.between_insert_and_delete, target=3, at_least=True)
        figures.insert(1, proven)
    return figures


def _median(items: Sequence[object], value: Callable[..., float]) -> float:
    return statistics.median(value(item) for item in items)


if __name__ == "__main__":
    sys.exit(main())
