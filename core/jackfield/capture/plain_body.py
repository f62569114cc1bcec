"""Reads the body of `POST /v1/events`: a JSON object, an array or lines of objects, perhaps gzipped. Knows no HTTP and no columns."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

import msgspec

from jackfield_sdk import Refusal, Refused
from jackfield_sdk.compression import GZIP_MAGIC, gunzip
from jackfield_sdk.identity import NIL_UUID, are_uuids
from jackfield_sdk.strict_json import MAX_DEPTH, clean_text, decode_leniently, openers, too_deep, with_finite_numbers
from jackfield_sdk.timestamps import microseconds

MAX_BODY_BYTES = 100 * 1024 * 1024
"""Of a decompressed body."""
MAX_EVENTS = 50_000
MAX_PROPERTIES_BYTES = 1_000_000
MAX_LINE_CHARACTERS = 2 * MAX_PROPERTIES_BYTES
MAX_NAME_CHARACTERS = 200
"""Of `event` and of `distinct_id`."""

MAX_REPAIR_BYTES = 8 * 1024 * 1024
"""Of a body that msgspec does not take and that is read again, slower."""
MANY_OBJECTS = 4 * MAX_EVENTS
"""A body with more braces is read object by object, so that millions of `{}` never stand in memory together."""

LINES = re.compile(rb"[^ \t\r\n][^\n]*")
STRINGS_AND_MARKS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[][{},]', re.DOTALL)
LEVELS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
UUID_SHAPE = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}").fullmatch
BAD_TIMESTAMP = "timestamp is neither an ISO 8601 text nor a number of seconds or milliseconds since 1970"
NULL = msgspec.Raw(b"null")
TOO_DEEP = f"properties are nested deeper than {MAX_DEPTH} levels"


class RawEvent(msgspec.Struct, gc=False):
    """An event as it stands in the body, before any check."""

    event: str | None = None
    distinct_id: str | None = None
    uuid: str | None = None
    timestamp: str | int | float | None = None
    properties: msgspec.Raw = msgspec.Raw(b"{}")


class PlainEvent(msgspec.Struct, gc=False):
    """An event that is taken.

    Args:
        index: its place in the request.
        uuid: in lower case; empty when the event brings none.
        at: microseconds since 1970; None when the event does not say.
        properties: a JSON object; may hold numbers beyond a double.
    """

    index: int
    event: str
    distinct_id: str
    uuid: str
    at: int | None
    properties: bytes


@dataclass(slots=True)
class PlainEvents:
    """What a body holds."""

    decoded_bytes: int
    taken: list[PlainEvent] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def read_events(body: bytes, content_encoding: str) -> PlainEvents:
    """Read a body.

    Raises:
        Refused: it cannot be read at all; an event that is no good is listed instead.
    """
    text = _text(_decompressed(body, content_encoding))
    at_once = _read_at_once(text)
    found: Iterable[RawEvent | str] = _read_one_by_one(text) if at_once is None else at_once
    # One look at all instead of one at each. An event has a brace of its own; if even all other brackets cannot nest too deep, none can.
    may_be_deep = at_once is None or openers(text) - len(at_once) > MAX_DEPTH
    odd_uuids = at_once is None or not are_uuids([event.uuid or NIL_UUID for event in at_once])
    events = PlainEvents(len(text))
    for index, event in enumerate(found):
        if index == MAX_EVENTS:
            raise Refused(f"body holds more than {MAX_EVENTS} events; send fewer per request", status=413)
        checked = event if isinstance(event, str) else _check(index, event, may_be_deep=may_be_deep, odd_uuids=odd_uuids)
        if type(checked) is PlainEvent:
            events.taken.append(checked)
        else:
            events.refused.append(Refusal(index, cast("str", checked)))
    if not events.taken and not events.refused:
        raise Refused("body holds no event; send at least one")
    return events


def _decompressed(body: bytes, content_encoding: str) -> bytes:
    encoding = content_encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Refused(f"Content-Encoding {encoding[:40]!r} is not known here; send gzip or no encoding", status=415)
    # Sniffed too: senders that may not set the header in a browser compress all the same.
    if encoding in ("gzip", "x-gzip") or body.startswith(GZIP_MAGIC):
        return gunzip(body, max_bytes=MAX_BODY_BYTES)
    return body


def _text(body: bytes) -> bytes:
    try:
        text = clean_text(body).strip()
    except UnicodeDecodeError as problem:
        raise Refused(f"body is not UTF-8: invalid byte at position {problem.start}; encode the JSON as UTF-8") from None
    if not text:
        raise Refused("body is empty; send one JSON object, an array of them, or one per line")
    return text


_decode_object = msgspec.json.Decoder(RawEvent).decode
_decode_lines = msgspec.json.Decoder(RawEvent).decode_lines
_decode_array = msgspec.json.Decoder(list[RawEvent]).decode
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_raw = msgspec.json.Decoder(msgspec.Raw).decode


def _read_at_once(text: bytes) -> list[RawEvent] | None:
    """Read a body without fault in one go; None for every other."""
    if len(text) > MANY_OBJECTS and text.count(b"{") > MANY_OBJECTS:
        return None
    try:
        if text.startswith(b"["):
            return _decode_array(text)
        try:
            return [_decode_object(text)]
        except msgspec.ValidationError:
            return None
        except msgspec.DecodeError:
            return _decode_lines(text) if b"\n" in text else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _read_one_by_one(text: bytes) -> Iterator[RawEvent | str]:
    """Read what msgspec does not take: NaN, events of the wrong shape among good ones, broken lines."""
    if text.startswith(b"["):
        return map(_read_event, _elements(_valid(text)))
    try:
        return iter([_read_event(_valid(text))])
    except Refused:
        if b"\n" not in text:
            raise
    return (_read_line(line.group()) for line in LINES.finditer(text))


def _valid(text: bytes) -> bytes:
    """Return JSON with null for NaN and Infinity."""
    if len(text) > MAX_REPAIR_BYTES:
        raise Refused(
            f"body is not plain valid JSON, and with {len(text)} bytes longer than the {MAX_REPAIR_BYTES} that are read event by event; "
            "send fewer events per request, or one per line",
            status=413,
        )
    try:
        return bytes(decode_leniently(_decode_raw, text))
    except msgspec.DecodeError as problem:
        raise Refused(f"body is not JSON: {str(problem).removeprefix('JSON is malformed: ')}") from None
    except RecursionError:
        raise Refused(f"body is not readable: JSON nested deeper than {MAX_DEPTH} levels") from None


def _elements(array: bytes) -> Iterator[bytes]:
    """Yield the elements one after another, so that no more than one stands in memory."""
    depth, start = 0, 1
    for match in STRINGS_AND_MARKS.finditer(array):
        mark = match[0]
        depth += LEVELS.get(mark, 0)
        if depth == 1 and mark == b",":
            yield array[start : match.start()]
            start = match.end()
    last = array[start:-1]
    if last.strip():
        yield last


def _read_line(line: bytes) -> RawEvent | str:
    if len(line) > MAX_LINE_CHARACTERS and len(line.decode()) > MAX_LINE_CHARACTERS:
        return f"line is longer than {MAX_LINE_CHARACTERS} characters"
    try:
        return _read_event(_valid(line))
    except Refused as problem:
        return str(problem).replace("body", "line", 1)


def _read_event(text: bytes) -> RawEvent | str:
    """Read an event, or say which member has the wrong type."""
    try:
        try:
            return _decode_object(text)
        except msgspec.ValidationError:
            members = _decode_members(text)
    except msgspec.ValidationError:
        return "event is no JSON object"
    except RecursionError:
        return TOO_DEEP
    for name in ("event", "distinct_id", "uuid"):
        if not bytes(members.get(name, NULL)).startswith((b'"', b"null")):
            return f"{name} is no string"
    if bytes(members.get("timestamp", NULL)).startswith((b"true", b"false", b"[", b"{")):
        return BAD_TIMESTAMP
    known = msgspec.json.encode({name: members[name] for name in RawEvent.__struct_fields__ if name in members})
    return _decode_object(with_finite_numbers([known])[0])  # a timestamp beyond a double is none


def _check(index: int, raw: RawEvent, *, may_be_deep: bool, odd_uuids: bool) -> PlainEvent | str:
    """Return the event, or the reason why it is not taken."""
    event, distinct_id, uuid, timestamp, at = raw.event, raw.distinct_id, raw.uuid or "", raw.timestamp, None
    if not event or len(event) > MAX_NAME_CHARACTERS or event.isspace():
        return _bad_name("event", event)
    if not distinct_id or len(distinct_id) > MAX_NAME_CHARACTERS or distinct_id.isspace():
        return _bad_name("distinct_id", distinct_id)
    if uuid and odd_uuids:
        if not UUID_SHAPE(uuid):
            return "uuid is no UUID of the form 8-4-4-4-12 hexadecimal digits"
        uuid = uuid.lower()
    if timestamp is not None:
        try:
            at = microseconds(timestamp)
        except ValueError:
            return BAD_TIMESTAMP
        if at < 0:
            return "timestamp lies before 1970"
    properties = bytes(raw.properties)
    if not properties.startswith(b"{"):
        if properties != b"null":
            return "properties is no JSON object"
        properties = b"{}"
    if len(properties) > MAX_PROPERTIES_BYTES:
        return f"properties are {len(properties)} bytes long; at most {MAX_PROPERTIES_BYTES} are allowed"
    if may_be_deep and too_deep(properties):
        return TOO_DEEP
    if "\0" in event or "\0" in distinct_id:  # not every database can hold it
        event, distinct_id = event.replace("\0", "\ufffd"), distinct_id.replace("\0", "\ufffd")
    return PlainEvent(index, event, distinct_id, uuid, at, properties)


def _bad_name(name: str, text: str | None) -> str:
    if not text or len(text) <= MAX_NAME_CHARACTERS:
        return f"{name} is missing or empty"
    return f"{name} is {len(text)} characters long; at most {MAX_NAME_CHARACTERS} are allowed"
