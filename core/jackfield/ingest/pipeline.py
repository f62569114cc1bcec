"""The resolved chain of transformers. A step that fails costs its own events only."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from jackfield.host.host import Host
from jackfield_sdk import Transformer
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.transform import Apply

logger = logging.getLogger(__name__)

FAILURES_TO_OPEN: Final = 200
"""Failing events in a row of calls, after which a step counts as broken and is not called for a while."""

OPEN_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An event on which a step raised, to be kept as a dead letter."""

    record: int
    index: int
    uuid: str
    event: str
    plugin: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Step:
    """A transformer in its place, with what is known of its health."""

    plugin: str
    name: str
    apply: Apply
    on_error: Literal["pass", "drop", "dead_letter"]
    failures: int = 0
    errors: int = 0
    last_error: str = ""
    open_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps in the order of stage, `order`, name."""

    steps: Sequence[Step]

    def run(self, batch: EventBatch) -> tuple[EventBatch, list[Failure]]:
        """Pass a batch through all steps; returns what is left and what goes to the dead letter."""
        failures: list[Failure] = []
        authors: dict[str, str] = {}
        for step in self.steps:
            if not len(batch):
                break
            batch = _apply(step, batch, failures)
            authors |= dict.fromkeys(batch.changed - authors.keys(), step.plugin)
        return _written(batch, authors, failures), failures


def build_pipeline(host: Host, lane: str) -> Pipeline:
    """Build every transformer of a lane once.

    Raises:
        PluginProblem: one cannot be built.
    """
    contributed = [item for item in host.registry.of(Transformer) if item.value.lane == lane]
    contributed.sort(key=lambda item: (item.value.stage, item.value.order, item.value.name))
    return Pipeline(
        [
            Step(
                plugin=item.plugin,
                name=item.value.name,
                apply=host.build(item.plugin, f"Transformer {item.value.name!r}", item.value.build),
                on_error=item.value.on_error,
            )
            for item in contributed
        ]
    )


def _apply(step: Step, batch: EventBatch, failures: list[Failure]) -> EventBatch:
    if step.open_until > time.monotonic():
        return _give_up(step, batch, f"{step.name} is switched off after repeated failures: {step.last_error}", failures)
    try:
        result = _unchanged_identity(batch, step.apply(batch))
    except Exception as problem:  # a border: what a step raises costs its own events
        if len(batch) > 1:
            first, second = batch.split(len(batch) // 2)
            return _apply(step, first, failures).join(_apply(step, second, failures))
        step.failures += 1
        step.errors += 1
        step.last_error = f"{type(problem).__name__}: {problem}"
        logger.warning("transformer %s of plugin %s failed on an event: %s", step.name, step.plugin, step.last_error)
        if step.failures >= FAILURES_TO_OPEN:
            step.open_until = time.monotonic() + OPEN_SECONDS
            step.failures = 0
        return _give_up(step, batch, step.last_error, failures)
    step.failures = 0
    return result


def _written(batch: EventBatch, authors: Mapping[str, str], failures: list[Failure]) -> EventBatch:
    """Merge changed properties into the JSON texts, once; an event that holds what JSON cannot say goes to the dead letter."""
    try:
        batch.properties  # noqa: B018 - merges, and remembers
    except Exception as problem:  # a border: any object may have been given as a value
        if len(batch) > 1:
            first, second = batch.split(len(batch) // 2)
            return _written(first, authors, failures).join(_written(second, authors, failures))
        names = sorted(batch.changed)
        reason = f"a property of {', '.join(names)} cannot be written as JSON: {type(problem).__name__}: {problem}"
        failures += _failures(batch, ", ".join(sorted({authors[name] for name in names})), reason)
        return batch.select(np.zeros(1, dtype=np.bool_))
    return batch


def _give_up(step: Step, batch: EventBatch, reason: str, failures: list[Failure]) -> EventBatch:
    everything = np.ones(len(batch), dtype=np.bool_)
    if step.on_error == "pass":
        return batch
    if step.on_error == "drop":
        return batch.drop(everything, f"{step.plugin}: {reason}")
    failures += _failures(batch, step.plugin, reason)
    return batch.select(~everything)


def _failures(batch: EventBatch, plugin: str, reason: str) -> list[Failure]:
    rows = zip(batch.record, batch.index, batch.uuid, batch.event, strict=True)
    return [Failure(record=record, index=index, uuid=uuid, event=event, plugin=plugin, reason=reason) for record, index, uuid, event in rows]


def _unchanged_identity(before: EventBatch, after: object) -> EventBatch:
    """Check what no step may change: the uuid and the project of an event.

    Raises:
        ValueError: a step did, or returned no batch.
    """
    if not isinstance(after, EventBatch):
        raise TypeError(f"the step returned {type(after).__name__}, not an EventBatch")
    if after.uuid is before.uuid and after.project_id is before.project_id:
        return after
    origins = dict(zip(before.uuid, zip(before.record, before.index, before.project_id, strict=True), strict=True))
    projects = {(record, index): project for record, index, project in origins.values()}
    if len(set(after.uuid)) != len(after):
        raise ValueError("the step gave one uuid to two events")
    for uuid, record, index, project in zip(after.uuid, after.record, after.index, after.project_id, strict=True):
        origin = origins.get(uuid)
        if origin is None and uuid not in after.derived:
            raise ValueError(f"the step changed the uuid of an event to {uuid}")
        if projects.get((record, index)) != project or (origin is not None and origin != (record, index, project)):
            raise ValueError(f"the step changed the project or the origin of event {uuid}")
    return after
