"""From a stored request to a batch of events. Runs in the engine; what is good was decided by the same reading in the web worker."""

from typing import Final, cast

import msgspec

from jackfield_posthog.body import json_text, query_parameters
from jackfield_posthog.clock import clock_skew, event_time
from jackfield_posthog.documents import ABSENT, Details, Event
from jackfield_posthog.elements import take_chain
from jackfield_posthog.events import plain_uuid, read_submission
from jackfield_posthog.paths import base64_again, unnamed_event
from jackfield_posthog.repair import may_hold_huge_numbers, without_huge_numbers
from jackfield_sdk import JsonObject, Record
from jackfield_sdk.batch import EventBatch, OptionalColumns
from jackfield_sdk.identity import NIL_UUID, derived_uuid7

SPACES_AND_BRACE: Final = b"{ \t\r\n"


def decode_record(record: Record) -> EventBatch:
    """Turn a stored request into events; the same ones, with the same uuids, each time."""
    text = json_text(record, base64_again=base64_again(record.path))
    submission = read_submission(text, unnamed=unnamed_event(record.path), stored=True)
    document = submission.document
    now = record.received_at
    skew = clock_skew(document.sent_at, query_parameters(record.query), now=now)
    ip_member = b'"$ip":' + msgspec.json.encode(record.client_ip)
    check_numbers = may_hold_huge_numbers(document.text)
    uuids: list[str] = []
    times: list[int] = []
    texts: list[bytes] = []
    sessions: list[str] = []
    chains: list[str] = []
    asked_session: object = None
    session = NIL_UUID
    for index, _, uuid, _, event, ids in submission.taken:
        details = cast("Details", ids)
        properties = document.properties[index]
        if check_numbers and may_hold_huge_numbers(properties):
            properties = without_huge_numbers(properties)
        if event.set is not ABSENT or event.set_once is not ABSENT:
            properties = _with_root_sets(properties, event)
        chain = ""
        if details.elements_chain is not msgspec.UNSET or details.elements is not ABSENT:
            chain, properties = take_chain(properties, chain=details.elements_chain, has_array=details.elements is not ABSENT)
        if details.ip is msgspec.UNSET and record.client_ip:
            properties = _with_member(properties, ip_member)
        at = event_time(event.timestamp, event.offset, skew=0 if details.ignore_sent_at is True else skew, now=now)
        uuids.append(uuid or derived_uuid7(f"{record.id}:{index}", at // 1000))
        times.append(at)
        texts.append(properties)
        if details.session_id != asked_session:  # events of a request mostly share one
            asked_session = details.session_id
            session = plain_uuid(asked_session) or NIL_UUID
        sessions.append(session)
        chains.append(chain)
    taken = submission.taken
    optional: OptionalColumns = {"session_id": sessions}
    if any(chains):
        optional["elements_chain"] = chains
    return EventBatch.build(
        project_id=[record.project_id] * len(taken),
        uuid=uuids,
        event=[item[1] for item in taken],
        distinct_id=[item[3] for item in taken],
        timestamp=times,
        created_at=[now] * len(taken),
        properties=texts,
        index=[item[0] for item in taken],
        **optional,
    )


def _with_root_sets(properties: bytes, event: Event) -> bytes:
    """Merge `$set` and `$set_once` of the root over those in properties."""
    texts = (("$set", bytes(event.set)), ("$set_once", bytes(event.set_once)))
    above = {key: without_huge_numbers(text) for key, text in texts if text not in (b"", b"null")}
    if b'"$set' not in properties and b"\\u" not in properties:
        for key, text in above.items():
            properties = _with_member(properties, msgspec.json.encode(key) + b":" + text)
        return properties
    document = cast("JsonObject", msgspec.json.decode(properties))
    for key, text in above.items():
        below = document.get(key)
        members = cast("JsonObject", msgspec.json.decode(text))
        document[key] = {**below, **members} if isinstance(below, dict) else members
    return msgspec.json.encode(document)


def _with_member(text: bytes, member: bytes) -> bytes:
    """Add a member that is not there yet."""
    head = text[:-1]
    if head[-1] in SPACES_AND_BRACE:
        head = head.rstrip()
        if head == b"{":
            return head + member + b"}"
    return head + b"," + member + b"}"
