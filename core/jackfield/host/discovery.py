"""Finds installed plugins by their entry points. Imports each plugin's hook module and nothing else."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

ENTRY_POINT_GROUP = "jackfield.plugins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """An installed plugin.

    Args:
        enabled: False when it is named in `JACKFIELD_PLUGINS_DISABLED`: its Django apps stay installed, nothing else counts.
    """

    name: str
    module: ModuleType
    distribution: str
    version: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that could not be taken, and why.

    Args:
        enabled: False when it is disabled as well: then it keeps nothing from starting.
    """

    name: str
    reason: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, by name."""

    plugins: Sequence[Plugin]
    broken: Sequence[Broken]


def discover(*, disabled: Sequence[str] = (), only: Sequence[str] | None = None) -> Discovery:
    """Import the hook modules of installed plugins.

    Args:
        disabled: names to load without enabling them; `*` means all.
        only: consider these names alone.
    """
    plugins: list[Plugin] = []
    broken: list[Broken] = []
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        if only is not None and point.name not in only:
            continue
        enabled = not is_disabled(point.name, disabled)
        try:
            plugins.append(_load(point, enabled=enabled))
        except (Exception, SystemExit) as problem:
            broken.append(Broken(point.name, f"{type(problem).__name__} while importing {point.value}: {problem}", enabled))
    return Discovery(plugins, broken)


def is_disabled(name: str, disabled: Sequence[str]) -> bool:
    """Tell whether `JACKFIELD_PLUGINS_DISABLED` switches a plugin off."""
    return "*" in disabled or name in disabled


def _load(point: EntryPoint, *, enabled: bool) -> Plugin:
    distribution = point.dist
    return Plugin(
        name=point.name,
        module=importlib.import_module(point.value),
        distribution=distribution.name if distribution else point.value,
        version=distribution.version if distribution else "0",
        enabled=enabled,
    )
