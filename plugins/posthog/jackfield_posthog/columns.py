"""From a stored request to a batch of events. Runs in the engine; what is good was decided by the same reading in the web worker."""

from collections.abc import Sequence
from typing import Final, TypeAlias, cast

import msgspec

from jackfield_posthog.body import json_text, query_parameters
from jackfield_posthog.clock import clock_skew, event_time
from jackfield_posthog.documents import ABSENT, Details, Event
from jackfield_posthog.elements import take_chain
from jackfield_posthog.events import Taken, plain_uuid, read_submission
from jackfield_posthog.paths import base64_again, unnamed_event
from jackfield_sdk import JsonObject, Record
from jackfield_sdk.batch import EventBatch, OptionalColumns
from jackfield_sdk.identity import NIL_UUID, are_uuids, derived_uuid7
from jackfield_sdk.strict_json import with_finite_numbers

SPACES_AND_BRACE: Final = b"{ \t\r\n"

_Sender: TypeAlias = tuple[Record, int, bytes]
"""A request, what its clock is behind ours, and the end of properties that shows its address."""


def decode_records(records: Sequence[Record]) -> EventBatch:
    """Turn stored requests into events; the same ones, with the same uuids, each time, whatever stands beside them."""
    senders: list[_Sender] = []
    positions: list[int] = []
    taken: list[Taken] = []
    found: list[bytes] = []
    for position, record in enumerate(records):
        text = json_text(record, base64_again=base64_again(record.path))
        submission = read_submission(text, unnamed=unnamed_event(record.path), stored=True)
        document = submission.document
        skew = clock_skew(document.sent_at, query_parameters(record.query), now=record.received_at)
        with_ip = b',"$ip":' + msgspec.json.encode(record.client_ip) + b"}" if record.client_ip else b""
        senders.append((record, skew, with_ip))
        positions += [position] * len(submission.taken)
        taken += submission.taken
        found += [document.properties[item[0]] for item in submission.taken]
    details = cast("Sequence[Details]", [item[5] for item in taken])
    uuids: list[str] = []
    times: list[int] = []
    texts: list[bytes] = []
    chains: list[str] = []
    for position, (index, _, uuid, _, event, _), detail, properties in zip(positions, taken, details, with_finite_numbers(found), strict=True):
        record, skew, with_ip = senders[position]
        if event.set is not ABSENT or event.set_once is not ABSENT:
            properties = _with_root_sets(properties, event)
        chain = ""
        if detail.elements_chain is not msgspec.UNSET or detail.elements is not ABSENT:
            chain, properties = take_chain(properties, chain=detail.elements_chain, has_array=detail.elements is not ABSENT)
        if with_ip and detail.ip is msgspec.UNSET:
            properties = _ending(properties, with_ip)
        at = event_time(event.timestamp, event.offset, skew=0 if detail.ignore_sent_at is True else skew, now=record.received_at)
        uuids.append(uuid or derived_uuid7(f"{record.id}:{index}", at // 1000))
        times.append(at)
        texts.append(properties)
        chains.append(chain)
    optional: OptionalColumns = {"session_id": _session_ids([detail.session_id for detail in details])}
    if any(chains):
        optional["elements_chain"] = chains
    return EventBatch.build(
        project_id=[records[position].project_id for position in positions],
        uuid=uuids,
        event=[item[1] for item in taken],
        distinct_id=[item[3] for item in taken],
        timestamp=times,
        created_at=[records[position].received_at for position in positions],
        properties=texts,
        index=[item[0] for item in taken],
        record=positions,
        **optional,
    )


def _session_ids(values: Sequence[object]) -> list[str]:
    """Return each `$session_id` in its usual spelling, the nil UUID where it is none."""
    texts = [value if isinstance(value, str) else NIL_UUID for value in values]
    return texts if are_uuids(texts) else [plain_uuid(text) or NIL_UUID for text in texts]


def _with_root_sets(properties: bytes, event: Event) -> bytes:
    """Merge `$set` and `$set_once` of the root over those in properties."""
    texts = (("$set", bytes(event.set)), ("$set_once", bytes(event.set_once)))
    above = {key: with_finite_numbers([text])[0] for key, text in texts if text not in (b"", b"null")}
    if b'"$set' not in properties and b"\\u" not in properties:
        for key, text in above.items():
            properties = _ending(properties, b"," + msgspec.json.encode(key) + b":" + text + b"}")
        return properties
    document = cast("JsonObject", msgspec.json.decode(properties))
    for key, text in above.items():
        below = document.get(key)
        members = cast("JsonObject", msgspec.json.decode(text))
        document[key] = {**below, **members} if isinstance(below, dict) else members
    return msgspec.json.encode(document)


def _ending(text: bytes, end: bytes) -> bytes:
    """Add a member that is not there yet: `end` holds the comma before it and the brace after it."""
    if text[-2] not in SPACES_AND_BRACE:
        return text[:-1] + end
    head = text[:-1].rstrip()
    return head + (end[1:] if head == b"{" else end)
