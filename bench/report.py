"""The table of figures: target, measured, met or missed. Computes nothing but the scaling by the machine."""

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

Scaling = Literal["cpu", "rate", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A row of the table.

    Args:
        target: None where nothing was promised.
        at_least: the target is a floor; otherwise a ceiling.
        scaling: how a faster or slower machine shows in it: as microseconds of CPU, as a rate, or not in a known way.
    """

    name: str
    unit: str
    measured: float
    target: float | None = None
    at_least: bool = False
    scaling: Scaling = "none"


def table(figures: Sequence[Figure], speed: float) -> str:
    """Print figures as a Markdown table.

    Args:
        speed: measured cost of a null request by that of the machine on which targets were set: above 1 this machine is slower.
    """
    rows = [["figure", "target", "measured", "scaled", "met"]]
    for figure in figures:
        scaled = _scaled(figure, speed)
        sign = "≥" if figure.at_least else "≤"
        target = "" if figure.target is None else f"{sign} {_number(figure.target)} {figure.unit}"
        shown = "" if figure.scaling == "none" else _number(scaled)
        rows.append([figure.name, target, f"{_number(figure.measured)} {figure.unit}", shown, _verdict(figure, scaled)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """Describe where and when this ran."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {len(os.sched_getaffinity(0))} cores of {model} · {memory:.0f} GiB · "
        f"{platform.system()} {platform.release()} · Python {sys.version.split()[0]} · load average {load:.1f}"
    )


def _scaled(figure: Figure, speed: float) -> float:
    if figure.scaling == "cpu":
        return figure.measured / speed
    return figure.measured * speed if figure.scaling == "rate" else figure.measured


def _verdict(figure: Figure, scaled: float) -> str:
    if figure.target is None:
        return ""

    def meets(value: float) -> bool:
        assert figure.target is not None
        return value >= figure.target if figure.at_least else value <= figure.target

    if meets(figure.measured):
        return "met"
    return "missed" if not meets(scaled) else "missed, met scaled"


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"
