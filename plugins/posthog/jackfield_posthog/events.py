"""Which events a request of v0 capture holds, which of them are good, and whose they are. Read alike by web worker and engine."""

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from jackfield_posthog.documents import ABSENT, MAX_BAD_EVENTS, Document, Event, Ids, Unreadable, read_document
from jackfield_posthog.tokens import checked_token
from jackfield_sdk import Refusal, Refused
from jackfield_sdk.identity import NIL_UUID, are_uuids

MAX_NAME_CHARACTERS: Final = 200
MAX_ID_CHARACTERS: Final = 200
MAX_EVENT_BYTES: Final = 1_000_000
MAX_AI_EVENT_BYTES: Final = 8 * 1024 * 1024
IGNORED_EVENT: Final = "$performance_event"

NO_NAME: Final = "failed to hydrate events from request: missing event name"
EMPTY_NAME: Final = "event submitted with an empty event name"
NO_ID: Final = "event submitted without a distinct_id"
BAD_UUID: Final = "failed to parse request: uuid is not a UUID"
BAD_COOKIELESS: Final = "failed to hydrate events from request: $cookieless_mode is not a boolean"
BAD_SET: Final = "failed to hydrate events from request: $set and $set_once must be objects"
TOO_LARGE: Final = "maximum event size exceeded"

_is_uuid: Final = re.compile(
    r"(?:urn:uuid:)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})"
    r"|\{([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}"
    r"|([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})"
).fullmatch

Taken: TypeAlias = "tuple[int, str, str, str, Event, Ids]"
"""An event that is good: its place in the request, name, uuid ("" when it brought none), distinct_id, and where the rest is found."""


class Submission(msgspec.Struct, frozen=True):
    """What a request brings."""

    token: str
    document: Document
    taken: Sequence[Taken]
    refusals: Sequence[Refusal]


def read_submission(text: bytes, *, unnamed: str | None, stored: bool) -> Submission:
    """Read the JSON text of a request.

    Args:
        unnamed: what events without a name are called, on paths where they may have none.
        stored: keep the texts of properties; without them reading is quicker, and finds the same events.

    Raises:
        Refused: nothing in it can be taken.
    """
    document = read_document(text, stored=stored)
    if not document.events:
        raise Refused("request holds no event")
    token = checked_token(document.token if document.token is not None else common_token(document))
    taken: list[Taken] = []
    refusals: list[Refusal] = []
    too_large = _too_large(document) if len(document.text) > MAX_EVENT_BYTES else frozenset()
    odd_uuids = not are_uuids([event.uuid or NIL_UUID for event in document.events])
    for index, (event, ids) in enumerate(zip(document.events, document.details, strict=True)):
        if event.event == IGNORED_EVENT:
            continue
        name = event.event or unnamed
        uuid = event.uuid or ""
        distinct_id = event.distinct_id
        if type(distinct_id) is not str or not 0 < len(distinct_id) <= MAX_ID_CHARACTERS or "\0" in distinct_id or distinct_id.isspace():
            distinct_id = _usual_id(event, ids)
        if (
            name
            and distinct_id
            and (not odd_uuids or not uuid or (uuid := plain_uuid(uuid)))
            and ((event.set is ABSENT and event.set_once is ABSENT) or _sets_are_objects(event))
            and (ids.cookieless_mode is msgspec.UNSET or isinstance(ids.cookieless_mode, bool))
            and index not in too_large
        ):
            taken.append((index, name[:MAX_NAME_CHARACTERS], uuid, distinct_id, event, ids))
            continue
        refusals.append(Refusal(index, TOO_LARGE if index in too_large else _reason_against(event, ids, unnamed)))
        if len(refusals) > MAX_BAD_EVENTS:
            break
    if refusals and (not taken or len(refusals) > MAX_BAD_EVENTS):
        raise Refused(refusals[0].reason, status=413 if refusals[0].reason == TOO_LARGE else 400)
    return Submission(token, document, taken, tuple(refusals))


def plain_uuid(value: object) -> str:
    """Return a UUID in its usual spelling, "" when the value is none."""
    match = _is_uuid(value.strip().lower()) if isinstance(value, str) else None
    return "-".join([part for part in match.groups() if part is not None]) if match else ""


def _usual_id(event: Event, ids: Ids) -> str:
    """Return the distinct_id as it is stored, "" when there is none."""
    value = event.distinct_id
    if value is None:
        value = event.dollar_distinct_id
        if value is None:
            value = ids.distinct_id
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return "" if not text or text.isspace() else text.replace("\0", "\ufffd")[:MAX_ID_CHARACTERS]


def _sets_are_objects(event: Event) -> bool:
    return all(not text or text == b"null" or text.startswith(b"{") for text in (bytes(event.set), bytes(event.set_once)))


def _reason_against(event: Event, ids: Ids, unnamed: str | None) -> str:
    """Say what is wrong with an event that is not good."""
    if isinstance(event, Unreadable):
        return event.reason
    if not event.event and unnamed is None:
        return NO_NAME if event.event is None else EMPTY_NAME
    if event.uuid and not plain_uuid(event.uuid):
        return BAD_UUID
    if not _usual_id(event, ids):
        return NO_ID
    return BAD_SET if not _sets_are_objects(event) else BAD_COOKIELESS


def common_token(document: Document) -> str | None:
    """Return the token that all events of an array agree on; those without one agree with any."""
    found: str | None = None
    for event, ids in zip(document.events, document.details, strict=True):
        token = event.own_token()
        if token is None and isinstance(ids.token, str):
            token = ids.token
        if token is not None and token != found:
            if found is not None:
                raise Refused("batch submitted with inconsistent api_key values", status=401)
            found = token
    return found


def _too_large(document: Document) -> frozenset[int]:
    """Find the events that no store would take; looked for only in requests that are longer than one such event."""
    limits = [MAX_AI_EVENT_BYTES if (event.event or "").startswith("$ai_") else MAX_EVENT_BYTES for event in document.events]
    return frozenset(index for index, (limit, properties) in enumerate(zip(limits, document.properties, strict=True)) if len(properties) > limit)
