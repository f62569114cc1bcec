"""Turns records of the log into one batch. A record that nobody can decode costs no other."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final

from jackfield.host.registry import Contributed
from jackfield.storage.eventlog import DeadLetter, decode_record
from jackfield_sdk import CaptureEndpoint, Record
from jackfield_sdk.batch import EventBatch

logger = logging.getLogger(__name__)

RECORDS_AT_ONCE: Final = 256
"""Batches of so many records stand side by side in memory: those of 40,000 would not stay in any cache."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Events of all records, in order, and records that could not be decoded."""

    batch: EventBatch
    dead_letters: Sequence[DeadLetter]


def decode_records(payloads: Sequence[tuple[str, bytes]], endpoints: Mapping[str, Contributed[CaptureEndpoint]]) -> Decoded:
    """Decode records by the endpoint that took them; `record` in the batch is the position in `payloads`."""
    letters: list[DeadLetter] = []
    parts: list[EventBatch] = []
    done = 0
    for start in range(0, len(payloads), RECORDS_AT_ONCE):
        records = [decode_record(record_id, payload) for record_id, payload in payloads[start : start + RECORDS_AT_ONCE]]
        for name, run in groupby(records, key=attrgetter("endpoint")):
            same = list(run)
            endpoint = endpoints.get(name)
            batch = _decode_together(same, endpoint) if endpoint is not None and len(same) > 1 else None
            if batch is None:
                batch = EventBatch.concatenate([_decode(record, endpoint, payloads[done + place][1], letters) for place, record in enumerate(same)])
            parts.append(batch.numbered_from(done))
            done += len(same)
    return Decoded(EventBatch.chained(parts), letters)


def _decode_together(records: Sequence[Record], endpoint: Contributed[CaptureEndpoint]) -> EventBatch | None:
    """Decode records in one go; None when the endpoint cannot, or not these."""
    if endpoint.value.decode_many is None:
        return None
    try:
        batch = endpoint.value.decode_many(records)
        if list(batch.record) != sorted(batch.record):
            raise ValueError("the decoder gave events out of the order of their records")
        if [records[position].project_id for position in batch.record] != list(batch.project_id):
            raise ValueError("the decoder named another project than the record's")
    except Exception as problem:  # a border: whose record it was is found out by decoding each
        logger.warning("decoder %s of plugin %s failed on one of %d records: %s", endpoint.value.name, endpoint.plugin, len(records), problem)
        return None
    return batch


def _decode(record: Record, endpoint: Contributed[CaptureEndpoint] | None, payload: bytes, letters: list[DeadLetter]) -> EventBatch:
    if endpoint is None:
        reason = f"no plugin serves the endpoint {record.endpoint!r} any more"
        letters.append(_dead(record, payload, record.endpoint.partition(".")[0], reason))
        return EventBatch.concatenate([])
    try:
        batch = endpoint.value.decode(record)
        if batch.project_id.count(record.project_id) != len(batch):
            raise ValueError(f"the decoder named another project than the record's, {record.project_id}")
        return batch
    except Exception as problem:  # a border: what a decoder raises costs its own record
        logger.exception("decoder %s of plugin %s failed on record %s", record.endpoint, endpoint.plugin, record.id)
        letters.append(_dead(record, payload, endpoint.plugin, f"{type(problem).__name__}: {problem}"))
        return EventBatch.concatenate([])


def _dead(record: Record, payload: bytes, plugin: str, reason: str) -> DeadLetter:
    return DeadLetter(project_id=record.project_id, record_id=record.id, index=None, plugin=plugin, reason=reason, payload=payload)
