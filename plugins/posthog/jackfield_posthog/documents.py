"""The JSON documents of v0 capture, and how they are read: typed and at once if they are as they should be, else event by event."""

from collections.abc import Sequence
from typing import Final

import msgspec

from jackfield_sdk import Refused
from jackfield_sdk.strict_json import MAX_DEPTH, decode_leniently, openers, too_deep, with_finite_numbers

ABSENT: Final = msgspec.Raw(b"")
MAX_BAD_EVENTS: Final = 10_000
"""More in one request are no slip of a client, and to name them all would hold up others."""

MAX_BRACKETS: Final = 500_000
"""Objects and arrays of one request. Millions of empty ones would take gigabytes, whatever the size of their text."""

LARGE_BYTES: Final = 1_000_000
"""From here on texts of properties are kept in any case: their sizes are asked for."""


class Ids(msgspec.Struct, gc=False):
    """Properties that decide whether an event is good. Of any type: clients send what they like."""

    distinct_id: object = None
    token: object = None
    cookieless_mode: object = msgspec.field(name="$cookieless_mode", default=msgspec.UNSET)


class Details(Ids, gc=False):
    """Properties that decide how an event is stored."""

    session_id: object = msgspec.field(name="$session_id", default=None)
    ip: object = msgspec.field(name="$ip", default=msgspec.UNSET)
    ignore_sent_at: object = msgspec.field(name="$ignore_sent_at", default=None)
    elements: msgspec.Raw = msgspec.field(name="$elements", default=ABSENT)
    elements_chain: object = msgspec.field(name="$elements_chain", default=msgspec.UNSET)


class Event(msgspec.Struct, gc=False):
    """What stands at the root of an event, but for its properties."""

    event: str | None = None
    uuid: str | None = None
    distinct_id: object = None
    dollar_distinct_id: object = msgspec.field(name="$distinct_id", default=None)
    timestamp: object = None
    offset: object = None
    token: str | None = None
    dollar_token: str | None = msgspec.field(name="$token", default=None)
    api_key: str | None = None
    set: msgspec.Raw = msgspec.field(name="$set", default=ABSENT)
    set_once: msgspec.Raw = msgspec.field(name="$set_once", default=ABSENT)

    def own_token(self) -> str | None:
        """Return the token at the root, by any of its names."""
        if self.token is not None:
            return self.token
        return self.dollar_token if self.dollar_token is not None else self.api_key


class Unreadable(Event, gc=False):
    """Stands for an event that is none."""

    reason: str = ""


class IdsEvent(Event, gc=False):
    """An event as the web worker reads it: the properties it asks for are decoded in the same pass, the others skipped."""

    properties: Ids | None = None


class StoredEvent(Event, gc=False):
    """An event as the engine reads it: properties stay text."""

    properties: msgspec.Raw = ABSENT


class IdsRoot(IdsEvent, gc=False):
    """A batch, or one event."""

    batch: list[IdsEvent] | msgspec.UnsetType = msgspec.UNSET
    sent_at: object = None


class StoredRoot(StoredEvent, gc=False):
    """A batch, or one event."""

    batch: list[StoredEvent] | msgspec.UnsetType = msgspec.UNSET
    sent_at: object = None


class LooseRoot(msgspec.Struct, gc=False):
    """A batch whose events are read one by one, or one event."""

    api_key: object = None
    token: object = None
    batch: msgspec.Raw = ABSENT
    sent_at: object = None


class Document(msgspec.Struct, frozen=True):
    """The events of a request, good or not, in their order.

    Args:
        text: what was read, after repairs.
        token: of the batch; None where each event brings its own.
        details: `Details` of each event where texts were kept, else `Ids`.
        properties: text of each event's properties, if texts were kept.
    """

    text: bytes
    token: str | None
    sent_at: object
    events: Sequence[Event]
    details: Sequence[Ids]
    properties: Sequence[bytes]


_NO_IDS: Final = Ids()
_NO_DETAILS: Final = Details()
_ids_array: Final = msgspec.json.Decoder(list[IdsEvent]).decode
_ids_root: Final = msgspec.json.Decoder(IdsRoot).decode
_stored_array: Final = msgspec.json.Decoder(list[StoredEvent]).decode
_stored_root: Final = msgspec.json.Decoder(StoredRoot).decode
_stored_event: Final = msgspec.json.Decoder(StoredEvent).decode
_details_array: Final = msgspec.json.Decoder(list[Details]).decode
_details: Final = msgspec.json.Decoder(Details).decode
_loose_array: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_loose_root: Final = msgspec.json.Decoder(LooseRoot).decode


def read_document(text: bytes, *, stored: bool) -> Document:
    """Read the JSON text of a request.

    Raises:
        Refused: it is no JSON, or no document of v0 capture.
    """
    try:
        return decode_leniently(_read_for_engine if stored else _read_for_web, text)
    except msgspec.DecodeError as problem:
        raise Refused(f"failed to parse request: {problem}") from problem
    except RecursionError as problem:
        raise _nested_too_deeply() from problem


def _read_for_engine(text: bytes) -> Document:
    try:
        return _read_stored(text)
    except msgspec.ValidationError:
        return _read_one_by_one(text)


def _read_for_web(text: bytes) -> Document:
    """Read as little as an answer needs, and measure the depth: what the engine reads was measured here."""
    brackets = openers(text)
    if brackets > MAX_BRACKETS:
        raise Refused(f"maximum event size exceeded: the body holds more than {MAX_BRACKETS} objects and arrays", status=413)
    large = len(text) > LARGE_BYTES
    try:
        document = _read_stored(text) if large else _read_ids(text)
        if brackets > MAX_DEPTH + 2 * len(document.events) and not large:
            document = _read_stored(text)
    except msgspec.ValidationError:
        document = _read_one_by_one(text)
    if brackets > MAX_DEPTH + 2 * len(document.events):
        _check_depth(document, brackets)
    return document


def _read_ids(text: bytes) -> Document:
    if text.lstrip()[:1] == b"[":
        events = _ids_array(text)
        return Document(text, None, None, events, [event.properties or _NO_IDS for event in events], ())
    root = _ids_root(text)
    if root.batch is msgspec.UNSET:
        return Document(text, None, root.sent_at, [root], [root.properties or _NO_IDS], ())
    details = [event.properties or _NO_IDS for event in root.batch]
    return Document(text, _batch_token(root.api_key, root.token), root.sent_at, root.batch, details, ())


def _read_stored(text: bytes) -> Document:
    token: str | None = None
    sent_at: object = None
    events: Sequence[StoredEvent]
    if text.lstrip()[:1] == b"[":
        events = _stored_array(text)
    else:
        root = _stored_root(text)
        sent_at = root.sent_at
        if root.batch is msgspec.UNSET:
            events = [root]
        else:
            events = root.batch
            token = _batch_token(root.api_key, root.token)
    properties = [bytes(event.properties) for event in events]
    properties = [text if text[:1] == b"{" else _object_text(text) for text in properties]
    return Document(text, token, sent_at, events, _details_array(b"[" + b",".join(properties) + b"]"), properties)


def _read_one_by_one(text: bytes) -> Document:
    """Read what is not as it should be: one event of the wrong shape costs no other."""
    token: str | None = None
    sent_at: object = None
    items: list[msgspec.Raw] | list[bytes]
    if text.lstrip()[:1] == b"[":
        items = _loose_array(text)
    else:
        root = _loose_root(text)
        sent_at = root.sent_at
        if bytes(root.batch).startswith(b"["):
            items = _loose_array(root.batch)
            token = _batch_token(root.api_key, root.token)
        else:
            items = [text]
    events: list[Event] = []
    bad = 0
    details: list[Details] = []
    properties: list[bytes] = []
    for item in items:
        try:
            event, properties_text = _read_event(item)
            found, properties_text = _read_details(properties_text)
        except msgspec.DecodeError as problem:
            bad += 1
            if bad > MAX_BAD_EVENTS:
                raise
            event, found, properties_text = Unreadable(reason=f"failed to hydrate events from request: {problem}"), _NO_DETAILS, b"{}"
        events.append(event)
        details.append(found)
        properties.append(properties_text)
    return Document(text, token, sent_at, events, details, properties)


def _read_event(item: msgspec.Raw | bytes) -> tuple[Event, bytes]:
    event = _stored_event(item)
    return event, _object_text(bytes(event.properties))


def _read_details(properties: bytes) -> tuple[Details, bytes]:
    try:
        return _details(properties), properties
    except msgspec.DecodeError:  # a number beyond all bounds where one is read
        properties = with_finite_numbers([properties])[0]
        return _details(properties), properties


def _object_text(text: bytes) -> bytes:
    if text.startswith(b"{"):
        return text
    if text in (b"", b"null"):
        return b"{}"
    raise msgspec.ValidationError("properties are not an object")


def _batch_token(api_key: object, token: object) -> str | None:
    found = api_key if api_key is not None else token
    if found is None or isinstance(found, str):
        return found
    raise Refused("failed to parse request: api_key is not a string")


def _check_depth(document: Document, brackets: int) -> None:
    """Refuse a request with a deeply nested event. Counted event by event first, for a long batch has many brackets and no depth."""
    inside = [openers(text) for text in document.properties]
    outside = brackets - sum(inside) - len(document.events)
    if (outside > MAX_DEPTH or max(inside, default=0) > MAX_DEPTH) and too_deep(document.text):
        raise _nested_too_deeply()


def _nested_too_deeply() -> Refused:
    return Refused(f"failed to parse request: nested deeper than {MAX_DEPTH} levels")
