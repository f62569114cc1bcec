"""LZString in its base64 form, as posthog-js 1.8 compressed with `lz64`. Decompression only."""

from typing import Final

from jackfield_sdk import Refused

MAX_INPUT_BYTES: Final = 32 * 1024
"""The work is done in Python, on the event loop: some 10 ms for this much. SDKs of that age sent a few events at a time."""

SIX_BITS: Final = {code: f"{value:06b}" for value, code in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
NEW_8_BITS, NEW_16_BITS, END = 0, 1, 2


def decompress_from_base64(payload: bytes, *, max_characters: int) -> str:
    """Decompress.

    Raises:
        Refused: 400 when the payload is no LZString, 413 when it or its content is too long.
    """
    if len(payload) > MAX_INPUT_BYTES:
        raise Refused(f"maximum event size exceeded: lz64 bodies may have {MAX_INPUT_BYTES} bytes", status=413)
    try:
        bits = Bits("".join([SIX_BITS[code] for code in payload.rstrip(b"=")]))
        return _units_to_text(_decompress(bits, max_characters))
    except (KeyError, IndexError, ValueError) as problem:
        raise Refused("failed to decode request: lz64 body is broken") from problem


class Bits:
    """Reads numbers of any width from a text of zeros and ones."""

    __slots__ = ("_position", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def take(self, width: int) -> int:
        """Read a number, lowest bit first.

        Raises:
            ValueError: nothing is left.
        """
        start = self._position
        self._position = start + width
        return int(self._text[start : start + width][::-1], 2)


def _decompress(bits: Bits, max_characters: int) -> str:
    words: list[str] = ["", "", ""]  # the first three codes are signs
    first = bits.take(2)
    if first == END:
        return ""
    word = chr(bits.take(16 if first == NEW_16_BITS else 8))
    words.append(word)
    parts = [word]
    length = 1
    width = 3
    until_wider = 4
    while (code := bits.take(width)) != END:
        if code in (NEW_8_BITS, NEW_16_BITS):
            words.append(chr(bits.take(16 if code == NEW_16_BITS else 8)))
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
