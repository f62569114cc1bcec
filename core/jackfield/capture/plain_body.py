"""Reads the body of `POST /v1/events`: a JSON object, an array or lines of objects, perhaps gzipped. Knows no HTTP and no columns."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import cast

import msgspec

from jackfield_sdk import Json, Refusal, Refused
from jackfield_sdk.compression import GZIP_MAGIC, gunzip

MAX_BODY_BYTES = 100 * 1024 * 1024
"""Of a decompressed body."""
MAX_RATIO = 100
FREE_BYTES = 1024 * 1024
"""A body may grow `MAX_RATIO`-fold by decompression, and to `FREE_BYTES` in any case."""
MAX_EVENTS = 50_000
MAX_DEPTH = 200
MAX_PROPERTIES_BYTES = 1_000_000
MAX_NAME_CHARACTERS = 200
"""Of `event` and of `distinct_id`."""

MAX_REPAIR_BYTES = 8 * 1024 * 1024
"""Of a body that msgspec does not take and that is read again, slower and with more memory."""
MANY_OBJECTS = 4 * MAX_EVENTS
"""A body with more braces is read object by object, so that millions of `{}` never stand in memory together."""

WHITESPACE = " \t\r\n"
LINES = re.compile(r"[^ \t\r\n][^\n]*")
PLACES = {91: 1, 123: 1, 93: -1, 125: -1}
STRINGS_AND_SCALARS = re.compile(rb'"(?:[^"\\]|\\.)*"|[^][{}"]+')
DIGITS = bytes.maketrans(b"123456789+E", b"0000000000e")
MAX_DIGITS = 4000
"""Of an integer; Python reads a few more before it refuses."""
HUGE_EXPONENT = b"0e000"
HUGE_INTEGER = b"0" * 300
"""How a number beyond a double looks once every digit and plus is a zero. Other texts look so too: this only tells where to look again."""
UUID_SHAPE = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}").fullmatch
BAD_TIMESTAMP = "timestamp is neither an ISO 8601 text nor a number of seconds or milliseconds since 1970"
MILLISECONDS_FROM = 100_000_000_000
"""Numbers from here on count milliseconds: as seconds they would mean the year 5138."""


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
    """

    index: int
    event: str
    distinct_id: str
    uuid: str
    at: int | None
    properties: bytes

    def clean_properties(self) -> bytes:
        """Return the properties as JSON that every reader takes: numbers beyond a double become null."""
        text = self.properties
        return text if not _has_huge_number(text) else _encode(_load(text.decode(), _cleaning))


@dataclass(slots=True)
class PlainEvents:
    """What a body holds."""

    taken: list[PlainEvent] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def read_events(body: bytes, content_encoding: str) -> PlainEvents:
    """Read a body.

    Raises:
        Refused: it cannot be read at all; an event that is no good is listed instead.
    """
    text = _decompressed(body, content_encoding).removeprefix(b"\xef\xbb\xbf").strip()
    try:
        characters = str(text, "utf-8")
    except UnicodeDecodeError as problem:
        raise Refused(f"body is not UTF-8: invalid byte at position {problem.start}; encode the JSON as UTF-8") from None
    if not text:
        raise Refused("body is empty; send one JSON object, an array of them, or one per line")
    braces, brackets = text.count(b"{"), text.count(b"[")
    at_once = _read_at_once(text) if braces <= MANY_OBJECTS else None
    found: Iterable[RawEvent | str] = _read_one_by_one(characters, len(text)) if at_once is None else at_once
    # Each event has a brace of its own; if even all the rest cannot nest too deep, no event needs a look.
    may_be_deep = at_once is None or braces + brackets - len(at_once) > MAX_DEPTH
    events = PlainEvents()
    for index, event in enumerate(found):
        if index == MAX_EVENTS:
            raise Refused(f"body holds more than {MAX_EVENTS} events; send fewer per request", status=413)
        checked = event if isinstance(event, str) else _check(index, event, may_be_deep)
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
        return gunzip(body, max_bytes=min(MAX_BODY_BYTES, max(FREE_BYTES, MAX_RATIO * len(body))))
    return body


# -- the fast way ----------------------------------------------------------------------------------------------------

_decode_object = msgspec.json.Decoder(RawEvent).decode
_decode_lines = msgspec.json.Decoder(RawEvent).decode_lines
_decode_array = msgspec.json.Decoder(list[RawEvent]).decode


def _read_at_once(text: bytes) -> list[RawEvent] | None:
    """Read a body without fault in one go; None for every other."""
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


# -- the slow way ----------------------------------------------------------------------------------------------------


def _read_one_by_one(text: str, size: int) -> Iterator[RawEvent | str]:
    """Read what msgspec does not take: lone surrogates, NaN, events of the wrong shape among good ones, broken lines."""
    if text.startswith("["):
        _check_repairable(size)
        return (_shaped(value) for value in _elements(text))
    if "\n" not in text:
        _check_repairable(size)
        return iter([_shaped(_load(text))])
    if size <= MAX_REPAIR_BYTES:
        try:
            return iter([_shaped(_load(text))])
        except Refused:
            pass  # no single object written over several lines: one per line, then
    return (_read_line(line.group()) for line in LINES.finditer(text))


def _check_repairable(size: int) -> None:
    if size > MAX_REPAIR_BYTES:
        raise Refused(
            f"body is not plain valid JSON, and with {size} bytes longer than the {MAX_REPAIR_BYTES} that are read event by event; "
            "send fewer events per request, or one per line",
            status=413,
        )


def _read_line(line: str) -> RawEvent | str:
    if len(line) > 2 * MAX_PROPERTIES_BYTES:
        return f"line is longer than {2 * MAX_PROPERTIES_BYTES} characters"
    try:
        return _shaped(_load(line))
    except Refused as problem:
        return str(problem).replace("body", "line", 1)


def _elements(text: str) -> Iterator[Json]:
    """Yield the elements of an array one after another, so that no more than one stands in memory."""
    position = _skip(text, 1)
    if text[position : position + 1] == "]":
        return
    while True:
        value, position = _load_from(text, position, _lenient)
        yield value
        position = _skip(text, position)
        mark = text[position : position + 1]
        position = _skip(text, position + 1)
        if mark == "]" and position == len(text):
            return
        if mark != ",":
            raise Refused(f"body is not JSON: the array is broken at position {position - 1}; expected ',' or ']'")


def _skip(text: str, position: int) -> int:
    while text[position : position + 1] in WHITESPACE and position < len(text):
        position += 1
    return position


def _load(text: str, decoder: json.JSONDecoder | None = None) -> Json:
    text = text.strip(WHITESPACE)
    value, end = _load_from(text, 0, decoder or _lenient)
    if end != len(text):
        raise Refused(f"body is not JSON: something follows its end at position {end}; put several objects into an array or on lines")
    return value


def _load_from(text: str, position: int, decoder: json.JSONDecoder) -> tuple[Json, int]:
    try:
        return decoder.raw_decode(text, position)
    except json.JSONDecodeError as problem:
        raise Refused(f"body is not JSON: {problem.msg} at position {problem.pos}") from None
    except RecursionError:
        raise Refused(f"body is not readable: JSON nested deeper than {MAX_DEPTH} levels") from None


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _finite_integer(number: str) -> int | None:
    return int(number) if math.isfinite(float(number)) else None


def _any_integer(number: str) -> int | None:
    return int(number) if len(number) <= MAX_DIGITS else None


_lenient = json.JSONDecoder(parse_float=_finite, parse_int=_any_integer, parse_constant=lambda _name: None)
_cleaning = json.JSONDecoder(parse_float=_finite, parse_int=_finite_integer, parse_constant=lambda _name: None)


def _shaped(value: Json) -> RawEvent | str:
    """Give a decoded event the types of a `RawEvent`, or say which member has the wrong one."""
    if not isinstance(value, dict):
        return "event is no JSON object"
    for name in ("event", "distinct_id", "uuid"):
        if not isinstance(value.get(name), str | None):
            return f"{name} is no string"
    timestamp = value.get("timestamp")
    if isinstance(timestamp, bool) or not isinstance(timestamp, str | int | float | None):
        return BAD_TIMESTAMP
    properties = value.get("properties")
    try:
        encoded = _encode(properties)
    except RecursionError:
        return _too_deep()
    event, distinct_id, uuid = (cast("str | None", value.get(name)) for name in ("event", "distinct_id", "uuid"))
    return RawEvent(event and _repaired(event), distinct_id and _repaired(distinct_id), uuid, timestamp, msgspec.Raw(encoded))


def _encode(value: Json) -> bytes:
    return _repaired(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)).encode()


def _repaired(text: str) -> str:
    """Replace lone surrogates by U+FFFD; JavaScript makes them when it cuts an emoji in half."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


# -- the checks, the same for both ways ------------------------------------------------------------------------------


def _check(index: int, raw: RawEvent, may_be_deep: bool) -> PlainEvent | str:
    """Return the event, or the reason why it is not taken."""
    event, distinct_id, uuid, timestamp, at = raw.event, raw.distinct_id, raw.uuid, raw.timestamp, None
    if not event or not distinct_id or len(event) > MAX_NAME_CHARACTERS or len(distinct_id) > MAX_NAME_CHARACTERS:
        return _bad_name("event", event) or _bad_name("distinct_id", distinct_id)
    if event.isspace() or distinct_id.isspace():
        return f"{'event' if event.isspace() else 'distinct_id'} is missing or empty"
    if uuid and not UUID_SHAPE(uuid):
        return "uuid is no UUID of the form 8-4-4-4-12 hexadecimal digits"
    if timestamp is not None:
        try:
            at = _microseconds(timestamp)
        except (ValueError, OverflowError):
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
    if may_be_deep and properties.count(b"{") + properties.count(b"[") > MAX_DEPTH and _depth(properties) > MAX_DEPTH:
        return _too_deep()
    if "\0" in event or "\0" in distinct_id:  # not every database can hold it
        event, distinct_id = event.replace("\0", "\ufffd"), distinct_id.replace("\0", "\ufffd")
    return PlainEvent(index, event, distinct_id, uuid.lower() if uuid else "", at, properties)


def _bad_name(name: str, text: str | None) -> str:
    if not text:
        return f"{name} is missing or empty"
    return f"{name} is {len(text)} characters long; at most {MAX_NAME_CHARACTERS} are allowed" if len(text) > MAX_NAME_CHARACTERS else ""


def _too_deep() -> str:
    return f"properties are nested deeper than {MAX_DEPTH} levels"


def _depth(text: bytes) -> int:
    brackets = STRINGS_AND_SCALARS.sub(b"", text)
    return max(accumulate(map(PLACES.__getitem__, brackets)))


def _has_huge_number(text: bytes) -> bool:
    """Tell whether a number is none to those who read the properties later."""
    zeros = text.translate(DIGITS)
    if HUGE_INTEGER in zeros:
        return True
    if HUGE_EXPONENT not in zeros:
        return False
    try:
        msgspec.json.decode(text)
    except msgspec.ValidationError:
        return True
    return False


def _microseconds(timestamp: str | int | float) -> int:
    """Convert a timestamp; a text without zone means UTC.

    Raises:
        ValueError: it is none.
        OverflowError: it is none that any calendar knows.
    """
    if isinstance(timestamp, str):
        moment = datetime.fromisoformat(timestamp.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1_000_000)  # a double is exact to the microsecond for two centuries
    scale = 1_000 if abs(timestamp) >= MILLISECONDS_FROM else 1_000_000
    return round(timestamp * scale)
