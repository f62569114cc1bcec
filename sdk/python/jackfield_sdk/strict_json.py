"""Reads JSON that strangers sent: bounded in depth, and repaired where a later reader would stumble. Knows no events.

ClickHouse reads *no* member of an object that holds half a surrogate pair, NaN, a number beyond a double or a thousand levels. So an endpoint that
stores what others wrote calls `clean_object` on the properties of each event. One that must be quick does the same for a whole request, in steps:

    text = clean_text(body)                        # before parsing; not UTF-8: refuse
    events = decode_leniently(decode, text)        # properties stay text: `msgspec.Raw`
    if too_deep(properties): ...                   # in `inspect`
    properties = with_finite_numbers(properties)   # in `decode`, those of all events together

Repairs work on text and build no values: what is fine stays byte for byte as it came, and 100 MiB of brackets cost no gigabytes.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

import msgspec

from jackfield_sdk.errors import Refused

MAX_DEPTH: Final = 200
"""Levels of brackets. Parsers recurse; this leaves room for what will stand around the object."""

T = TypeVar("T")

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
# These always match, up to what a group holds or else to the end: hostile texts too are gone through only once, and without memory.
_LONE_SURROGATE: Final = re.compile(
    rb"(?:[^\\]++|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?!u[dD][89a-fA-F][0-9a-fA-F]{2}).)*+"
    rb"(?:(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\?\Z)",
    re.DOTALL,
)
_NUMBER: Final = re.compile(
    rb'(?:[^"NI0-9-]++|"(?:[^"\\]++|\\.)*+"?)*+(?:(NaN|-?Infinity|-?[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)|[NI-]|\Z)', re.DOTALL
)
_BRACKETS: Final = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?)*+([\[{]*+)([\]}]*+)', re.DOTALL)
_AS_COLONS: Final = bytes.maketrans(b"E,[]}", b"e::::")
_NOT_MARKS: Final = bytes(code for code in range(256) if code not in b'eErs:,[]}"\\')
_AS_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_raw: Final = msgspec.json.Decoder(msgspec.Raw).decode


def clean_object(text: bytes) -> bytes:
    """Return a JSON object as text that every reader takes.

    Raises:
        Refused: it is no JSON object in UTF-8, or nested deeper than `MAX_DEPTH` levels.
    """
    try:
        text = bytes(decode_leniently(_raw, clean_text(text)))
        if too_deep(text):
            raise RecursionError
    except (UnicodeDecodeError, msgspec.DecodeError) as problem:
        raise Refused(f"properties are not JSON: {problem}") from problem
    except RecursionError as problem:
        raise Refused(f"properties are nested deeper than {MAX_DEPTH} levels") from problem
    if not text.startswith(b"{"):
        raise Refused("properties is no JSON object")
    return with_finite_numbers([text])[0]


def clean_text(text: bytes) -> bytes:
    """Check the encoding, take a byte order mark away, and put U+FFFD for half a surrogate pair: JavaScript makes them by cutting an emoji in two.

    Raises:
        UnicodeDecodeError: the text is not UTF-8.
    """
    str(text, "utf-8")
    text = text.removeprefix(b"\xef\xbb\xbf")
    backslash = text.find(b"\\")
    if backslash < 0 or not _SURROGATE.search(text, backslash):
        return text
    return _with(b"\\ufffd", text, (match for match in _LONE_SURROGATE.finditer(text) if match[1]))


def decode_leniently(decode: Callable[[bytes], T], text: bytes) -> T:
    """Decode JSON; where it fails for NaN or Infinity, which Python writes, once more with null for them.

    Raises:
        msgspec.DecodeError: it is no JSON even so; a `msgspec.ValidationError` is passed on at once.
    """
    try:
        return decode(text)
    except msgspec.DecodeError as problem:
        if isinstance(problem, msgspec.ValidationError) or (b"NaN" not in text and b"Infinity" not in text):
            raise
    return decode(_with_finite_numbers(text))


def openers(text: bytes) -> int:
    """Count opening brackets, those within strings too: never less than the depth."""
    return 2 * len(text) - len(text.replace(b"{", b"")) - len(text.replace(b"[", b""))  # leaps from hit to hit, as `count` does not


def too_deep(text: bytes) -> bool:
    """Tell whether a JSON text is nested deeper than `MAX_DEPTH`, without parsing it."""
    depth = 0
    if openers(text) > MAX_DEPTH:
        for match in _BRACKETS.finditer(text):
            depth += len(match[1])
            if depth > MAX_DEPTH:
                return True
            depth -= len(match[2])
    return False


def with_finite_numbers(objects: Sequence[bytes]) -> Sequence[bytes]:
    """Put null for numbers beyond a double in texts of JSON objects. For nearly every request one look at all of them is enough."""
    if not _may_hold_huge_number(b",".join(objects)):
        return objects
    return [_with_finite_numbers(text) if _may_hold_huge_number(text) else text for text in objects]


def _may_hold_huge_number(text: bytes) -> bool:
    # With all but marks and few letters taken away, a number with exponent is a lone `e`; of `true` and `false` stay `re` and `se`.
    # Of 309 digits in a row, every thirtieth gives ten in a row.
    return b":e:" in text.translate(_AS_COLONS, _NOT_MARKS) or b"0000000000" in text[::30].translate(_AS_ZEROS)


def _with_finite_numbers(text: bytes) -> bytes:
    return _with(b"null", text, (match for match in _NUMBER.finditer(text) if match[1] and not math.isfinite(float(match[1]))))


def _with(replacement: bytes, text: bytes, matches: Iterable[re.Match[bytes]]) -> bytes:
    """Replace group 1 of each match; `re.sub` would hold every piece of a hostile text at once."""
    found, start = bytearray(), 0
    for match in matches:
        found += text[start : match.start(1)] + replacement
        start = match.end(1)
    return bytes(found + text[start:])
