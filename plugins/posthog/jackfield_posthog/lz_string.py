"""LZString in its base64 form, as posthog-js 1.8 compressed with `lz64`. Decompression only."""

from collections.abc import Iterator
from typing import Final

from jackfield_sdk import Refused

MAX_INPUT_BYTES: Final = 64 * 1024
"""A loop over bits in Python: some 10 ms for this much. SDKs of that age sent a few events at a time."""

ALPHABET: Final = {code: value for value, code in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
NEW_8_BITS, NEW_16_BITS, END = 0, 1, 2


def decompress_from_base64(payload: bytes, *, max_characters: int) -> str:
    """Decompress.

    Raises:
        Refused: 400 when the payload is no LZString, 413 when it or its content is too long.
    """
    if len(payload) > MAX_INPUT_BYTES:
        raise Refused("maximum event size exceeded: lz64 bodies may have 65536 bytes", status=413)
    try:
        return _units_to_text(_decompress(_bits(payload), max_characters))
    except (StopIteration, KeyError, IndexError) as problem:
        raise Refused("failed to decode request: lz64 body is broken") from problem


def _bits(payload: bytes) -> Iterator[int]:
    for code in payload.rstrip(b"="):
        value = ALPHABET[code]
        for shift in (5, 4, 3, 2, 1, 0):
            yield value >> shift & 1


def _take(bits: Iterator[int], count: int) -> int:
    """Read a number, lowest bit first."""
    value = 0
    for position in range(count):
        value |= next(bits) << position
    return value


def _decompress(bits: Iterator[int], max_characters: int) -> str:
    words: list[str] = ["", "", ""]  # the first three codes are signs
    first = _take(bits, 2)
    if first == END:
        return ""
    word = chr(_take(bits, 16 if first == NEW_16_BITS else 8))
    words.append(word)
    parts = [word]
    length = 1
    width = 3
    until_wider = 4
    while (code := _take(bits, width)) != END:
        if code in (NEW_8_BITS, NEW_16_BITS):
            words.append(chr(_take(bits, 16 if code == NEW_16_BITS else 8)))
            code = len(words) - 1
            until_wider -= 1
            if not until_wider:
                until_wider = 1 << width
                width += 1
        entry = word + word[0] if code == len(words) else words[code]
        length += len(entry)
        if length > max_characters:
            raise Refused(f"maximum event size exceeded: the body holds more than {max_characters} characters", status=413)
        parts.append(entry)
        words.append(word + entry[0])
        until_wider -= 1
        if not until_wider:
            until_wider = 1 << width
            width += 1
        word = entry
    return "".join(parts)


def _units_to_text(text: str) -> str:
    """Join UTF-16 surrogate pairs: JavaScript compresses code units, not characters."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
