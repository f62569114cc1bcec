"""Turns records of the log into one batch. A record that nobody can decode costs no other."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    for start in range(0, len(payloads), RECORDS_AT_ONCE):
        batches = [_decode(record_id, payload, endpoints, letters) for record_id, payload in payloads[start : start + RECORDS_AT_ONCE]]
        parts.append(EventBatch.concatenate(batches, first_record=start))
    return Decoded(EventBatch.chained(parts), letters)


def _decode(record_id: str, payload: bytes, endpoints: Mapping[str, Contributed[CaptureEndpoint]], letters: list[DeadLetter]) -> EventBatch:
    record = decode_record(record_id, payload)
    endpoint = endpoints.get(record.endpoint)
    if endpoint is None:
        reason = f"no plugin serves the endpoint {record.endpoint!r} any more"
        letters.append(_dead(record, payload, record.endpoint.partition(".")[0], reason))
        return EventBatch.concatenate([])
    try:
        return _own_events(endpoint.value.decode(record), record)
    except Exception as problem:  # a border: what a decoder raises costs its own record
        logger.exception("decoder %s of plugin %s failed on record %s", record.endpoint, endpoint.plugin, record_id)
        letters.append(_dead(record, payload, endpoint.plugin, f"{type(problem).__name__}: {problem}"))
        return EventBatch.concatenate([])


def _own_events(batch: EventBatch, record: Record) -> EventBatch:
    if len(batch) and set(batch.project_id) != {record.project_id}:
        raise ValueError(f"the decoder named another project than the record's, {record.project_id}")
    return batch


def _dead(record: Record, payload: bytes, plugin: str, reason: str) -> DeadLetter:
    return DeadLetter(project_id=record.project_id, record_id=record.id, index=None, plugin=plugin, reason=reason, payload=payload)
