"""Makes JSON text that JavaScript and Python may send into JSON text that every parser takes. Slow paths; the tests for them are cheap."""

import json
import math
import re
from typing import Final, cast

import msgspec

from jackfield_sdk import Json, Refused

BOM: Final = b"\xef\xbb\xbf"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_AS_COLONS: Final = bytes.maketrans(b"E,[]}", b"e::::")
_MEANINGLESS: Final = bytes(code for code in range(256) if code not in b'eErs:,[]}"\\')


def clean_text(text: bytes) -> bytes:
    """Check the encoding, take a BOM away, and put U+FFFD where half a surrogate pair stands.

    Raises:
        Refused: the text is no UTF-8.
    """
    try:
        str(text, "utf-8")
    except UnicodeDecodeError as problem:
        raise Refused(f"failed to decode request: invalid UTF-8 at byte {problem.start}") from problem
    if text.startswith(BOM):
        text = text[len(BOM) :]
    backslash = text.find(b"\\")
    if backslash >= 0 and _SURROGATE.search(text, backslash):
        return _ESCAPE.sub(_paired, text)
    return text


def _paired(match: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if match["lone"] else match[0]


def without_constants(text: bytes) -> bytes | None:
    """Replace NaN and Infinity by null; None when that is not what is wrong with the text."""
    if b"NaN" not in text and b"Infinity" not in text:
        return None
    try:
        return _rewritten(text)
    except ValueError:
        return None


def may_hold_huge_numbers(text: bytes) -> bool:
    """Tell whether some number of a JSON text might have an exponent.

    With nearly all but punctuation and the letter taken away such a number is a lone `e` between marks. Little else is: of `true` and
    `false` there remain `re` and `se`.
    """
    return b":e:" in text.translate(_AS_COLONS, _MEANINGLESS)


def without_huge_numbers(text: bytes) -> bytes:
    """Replace numbers beyond the range of a double by null; ClickHouse would read no property of the object."""
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _rewritten(text)
    return text


def _rewritten(text: bytes) -> bytes:
    document = cast("Json", json.loads(text.decode(), parse_constant=_null, parse_float=_float, parse_int=_integer))
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _null(_: str) -> None:
    return None


def _float(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _integer(text: str) -> int | float | None:
    return int(text) if len(text) < 300 else _float(text)
