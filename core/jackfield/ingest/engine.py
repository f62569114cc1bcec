"""The engine: takes one batch at a time from the log through the pipeline into the tables. Straight down; each step takes the last one's result."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from jackfield.host.host import Host
from jackfield.host.registry import CORE
from jackfield.ingest.decoding import Decoded, decode_records
from jackfield.ingest.events_step import EVENTS_TABLE
from jackfield.ingest.events_table import events_to_arrow
from jackfield.ingest.isolation import Write, write_isolating
from jackfield.ingest.pipeline import Failure, build_pipeline
from jackfield.ingest.uuid_filter import UuidFilter
from jackfield.storage.chdb_door import ChdbStore
from jackfield.storage.eventlog import Completion, DeadLetter, LogReader, OutboxRow, Plan, decode_record
from jackfield_sdk import CaptureEndpoint, JsonObject, Misconfigured, Retryable, Sink, Subscriber
from jackfield_sdk.batch import EventBatch, Mask

logger = logging.getLogger(__name__)

DEATHS_TO_SPLIT: Final = 3
"""Deaths of the engine on one plan after which it is split; its halves are split after one."""


@dataclass(frozen=True, slots=True)
class _Target:
    plugin: str
    write: Write


@dataclass(frozen=True, slots=True)
class _Filter:
    plugin: str
    name: str
    wanted: Callable[[EventBatch], Mask]


class Engine:
    """Processes one lane. Not safe to share between threads: one consumer calls `step`."""

    def __init__(
        self, host: Host, reader: LogReader, store: ChdbStore, *, lane: str = "events", max_events: int = 40_000, max_bytes: int = 96 << 20
    ) -> None:
        """Build every step of the lane, and learn from the store which events it holds already.

        Raises:
            PluginProblem: a step cannot be built.
        """
        self._reader = reader
        self._store = store
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._endpoints = {item.value.name: item for item in host.registry.of(CaptureEndpoint)}
        self.pipeline = build_pipeline(host, lane)
        sinks = sorted((item for item in host.registry.of(Sink) if item.value.lane == lane), key=lambda item: item.value.name)
        self._sinks = [_Target(item.plugin, host.build(item.plugin, f"Sink {item.value.name!r}", item.value.build)) for item in sinks]
        subscribers = [item for item in host.registry.of(Subscriber) if item.value.lane == lane]
        self._filters = [
            _Filter(item.plugin, item.value.name, host.build(item.plugin, f"Filter of subscriber {item.value.name!r}", item.value.filter))
            for item in subscribers
        ]
        self._uuids = UuidFilter(store)
        self._uuids.rebuild()

    def step(self) -> int:
        """Process one batch; returns how many events it had (at least 1), 0 when the log is empty.

        Raises:
            Retryable, Misconfigured: store or sink cannot be used now; call again later, the same batch will be tried.
        """
        plan = self._reader.next_plan(max_events=self._max_events, max_bytes=self._max_bytes)
        if plan is None:
            return 0
        try:
            payloads = self._reader.read(plan)
            if _deaths(plan) >= (1 if plan.suspect else DEATHS_TO_SPLIT):
                if not self._reader.split(plan):
                    self._reader.complete(plan, Completion(dead_letters=_killers(plan, payloads)))
                return 1
            decoded = decode_records(payloads, self._endpoints)
            self._reader.complete(plan, self._process(plan, payloads, decoded))
        except (Retryable, Misconfigured):
            self._reader.excuse(plan)
            raise
        return max(1, len(decoded.batch))

    def _process(self, plan: Plan, payloads: Sequence[tuple[str, bytes]], decoded: Decoded) -> Completion:
        batch = _part_of_record(decoded.batch, plan)
        batch = self._without_repeated(batch, plan)
        batch, failures = self.pipeline.run(batch)
        failures += write_isolating(self._insert, self._not_stored(batch, plan), plan.token, plugin=CORE)
        for sink in self._sinks:
            failures += write_isolating(sink.write, batch, plan.token, plugin=sink.plugin)
        outbox = self._outbox(batch, failures)
        letters = [*decoded.dead_letters, *(_letter(failure, payloads) for failure in failures)]
        dropped = Counter((drop.project_id, drop.reason) for drop in batch.drops)
        return Completion(dead_letters=letters, outbox=outbox, dropped=dropped)

    def _without_repeated(self, batch: EventBatch, plan: Plan) -> EventBatch:
        if plan.checked:  # decided before the last crash: asking again would meet the batch's own rows
            self._uuids.remember(batch)
            gone = set(plan.repeated)
        else:
            gone = {(batch.record[row], batch.index[row]) for row in self._uuids.repeated(batch)}
            self._reader.mark_checked(plan, sorted(gone))
        if not gone:
            return batch
        return batch.select(np.array([origin not in gone for origin in zip(batch.record, batch.index, strict=True)], dtype=np.bool_))

    def _not_stored(self, batch: EventBatch, plan: Plan) -> EventBatch:
        """Leave out what the plan that this one was split from has inserted already, under a token that is no more. Sinks get all of it."""
        if not plan.suspect:
            return batch
        stored = np.zeros(len(batch), dtype=np.bool_)
        stored[self._uuids.stored(batch)] = True
        return batch.select(~stored)

    def _insert(self, batch: EventBatch, token: str) -> None:
        self._store.insert(EVENTS_TABLE, events_to_arrow(batch), token=token)

    def _outbox(self, batch: EventBatch, failures: list[Failure]) -> list[OutboxRow]:
        rows: list[OutboxRow] = []
        for target in self._filters:
            chosen: list[EventBatch] = []
            failures += write_isolating(lambda part, _: chosen.append(part.select(target.wanted(part))), batch, "", plugin=target.plugin)  # noqa: B023 - called at once
            by_project: dict[int, list[JsonObject]] = {}
            for part in chosen:
                for project, event in zip(part.project_id, _deliveries(part), strict=True):
                    by_project.setdefault(project, []).append(event)
            rows += [OutboxRow(subscriber=target.name, project_id=project, events=events) for project, events in by_project.items()]
        return rows


def _deaths(plan: Plan) -> int:
    return plan.attempts - 1


def _part_of_record(batch: EventBatch, plan: Plan) -> EventBatch:
    if (plan.low, plan.high) == (0, None):
        return batch
    positions = np.arange(len(batch))
    return batch.select((positions >= plan.low) & (positions < (len(batch) if plan.high is None else plan.high)))


def _deliveries(batch: EventBatch) -> list[JsonObject]:
    columns = zip(batch.uuid, batch.event, batch.distinct_id, batch.timestamp, batch.person_id, batch.properties, strict=True)
    return [
        {
            "uuid": uuid,
            "event": event,
            "distinct_id": distinct_id,
            "timestamp": timestamp,
            "person_id": person_id,
            "properties": msgspec.json.decode(properties),
        }
        for uuid, event, distinct_id, timestamp, person_id, properties in columns
    ]


def _letter(failure: Failure, payloads: Sequence[tuple[str, bytes]]) -> DeadLetter:
    record_id, payload = payloads[failure.record]
    return DeadLetter(
        project_id=decode_record(record_id, payload).project_id,
        record_id=record_id,
        index=failure.index,
        plugin=failure.plugin,
        reason=failure.reason,
        payload=payload,
        event=failure.event,
        uuid=failure.uuid,
    )


def _killers(plan: Plan, payloads: Sequence[tuple[str, bytes]]) -> list[DeadLetter]:
    reason = f"the engine died {_deaths(plan)} time(s) on this event"
    return [
        DeadLetter(
            project_id=decode_record(record_id, payload).project_id,
            record_id=record_id,
            index=plan.low,
            plugin=CORE,
            reason=reason,
            payload=payload,
        )
        for record_id, payload in payloads
    ]
