"""What a tree of processes has used, by `/proc`: CPU and memory. Knows nothing of what runs in it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of CPU, user and system together.

    Args:
        total: of all processes of the tree, and of their children that have ended.
        by_role: the same by what the process is, as far as it is known.
    """

    total: float
    by_role: dict[str, float] = field(default_factory=dict)

    def since(self, earlier: "Cpu") -> "Cpu":
        """Return what was used between two readings."""
        return Cpu(self.total - earlier.total, {role: seconds - earlier.by_role.get(role, 0.0) for role, seconds in self.by_role.items()})


@dataclass(frozen=True, slots=True)
class Memory:
    """Mebibytes of a tree: `pss` counts shared pages once in all, `rss` once per process."""

    pss: float
    rss: float


def tree(root: int) -> list[int]:
    """List a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for pid, fields in _all_processes():
        children.setdefault(int(fields[1]), []).append(pid)
    found = [root]
    for pid in found:  # grows while it is walked
        found += children.get(pid, [])
    return found


def cpu_of(root: int) -> Cpu:
    """Read the CPU that a tree has used so far."""
    wanted = set(tree(root))
    by_role: dict[str, float] = {}
    for pid, fields in _all_processes():
        if pid in wanted:  # utime, stime, and those of children that were waited for
            role = _role(pid)
            by_role[role] = by_role.get(role, 0.0) + sum(int(ticks) for ticks in fields[11:15]) / TICKS
    return Cpu(sum(by_role.values()), by_role)


def memory_of(root: int) -> Memory:
    """Read the memory of a tree."""
    pss = rss = 0
    for pid in tree(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        values = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
        pss += values["Pss:"]
        rss += values["Rss:"]
    return Memory(pss / 1024, rss / 1024)


def find(root: int, words: str) -> list[int]:
    """List the processes of a tree whose command line contains some words."""
    return [pid for pid in tree(root) if words in command_line(pid)]


def command_line(pid: int) -> str:
    """Return the words of a command, empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _role(pid: int) -> str:
    words = command_line(pid).split()
    return words[words.index("process") + 1] if "process" in words else "other"


def _all_processes() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(entry.name), text.rpartition(")")[2].split()
