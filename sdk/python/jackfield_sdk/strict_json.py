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
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final, TypeVar

import msgspec

from jackfield_sdk.errors import Refused

MAX_DEPTH: Final = 200
"""Levels of brackets. Parsers recurse; this leaves room for what will stand around the object."""

T = TypeVar("T")

_BOM: Final = b"\xef\xbb\xbf"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
# A string that does not end takes all the rest, so that a hostile text is gone through only once.
_STRING_OR_NUMBER: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|NaN|-?Infinity|-?[0-9][-+.0-9eE]*+', re.DOTALL)
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")
_STEPS: Final = bytes.maketrans(b"]}[{", bytes((0, 0, 1, 1)))
_NOT_MARKS: Final = bytes(code for code in range(256) if code not in b'eErs:,[]}"\\')
_AS_COLONS: Final = bytes.maketrans(b"E,[]}", b"e::::")
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
    text = text.removeprefix(_BOM)
    backslash = text.find(b"\\")
    if backslash < 0 or not _SURROGATE.search(text, backslash):
        return text
    return _ESCAPE.sub(lambda match: b"\\ufffd" if match["lone"] else match[0], text)


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
    return decode(_STRING_OR_NUMBER.sub(_finite_or_null, text))


def openers(text: bytes) -> int:
    """Count opening brackets, those within strings too: never less than the depth."""
    return 2 * len(text) - len(text.replace(b"{", b"")) - len(text.replace(b"[", b""))  # leaps from hit to hit, as `count` does not


def too_deep(text: bytes) -> bool:
    """Tell whether a JSON text is nested deeper than `MAX_DEPTH`, without parsing it."""
    if openers(text) <= MAX_DEPTH:
        return False
    steps = _STRING_OR_NUMBER.sub(b"", text).translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(map((-1, 1).__getitem__, steps)), default=0) > MAX_DEPTH


def with_finite_numbers(objects: Sequence[bytes]) -> Sequence[bytes]:
    """Put null for numbers beyond a double in texts of JSON objects. For nearly every request one look at all of them is enough."""
    together = b",".join(objects)
    if not _has_exponent(together) and not _has_long_integer(together):
        return objects
    return [_STRING_OR_NUMBER.sub(_finite_or_null, text) if _has_huge_number(text) else text for text in objects]


def _has_exponent(text: bytes) -> bool:
    """Tell whether a number might have one: with all but marks and few letters taken away it is a lone `e`; of `true`, `false` stay `re`, `se`."""
    return b":e:" in text.translate(_AS_COLONS, _NOT_MARKS)


def _has_long_integer(text: bytes) -> bool:
    """Tell whether 309 digits might stand in a row: every thirtieth of them gives ten in a row."""
    return b"0000000000" in text[::30].translate(_AS_ZEROS)


def _has_huge_number(text: bytes) -> bool:
    if _has_exponent(text):
        try:
            msgspec.json.decode(text)
        except (msgspec.ValidationError, RecursionError):
            return True
    return _has_long_integer(text)


def _finite_or_null(match: re.Match[bytes]) -> bytes:
    token = match[0]
    try:
        return token if token.startswith(b'"') or math.isfinite(float(token)) else b"null"
    except ValueError:  # no number at all, as parsers will say
        return token
