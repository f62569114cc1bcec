"""How deep JSON text is nested, without parsing it: parsers recurse, and ClickHouse gives up at a thousand levels."""

import re
from itertools import accumulate
from typing import Final

MAX_DEPTH: Final = 200

_NOT_OPENERS: Final = bytes(code for code in range(256) if code not in b"[{")
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")
_STEPS: Final = bytes.maketrans(b"]}[{", bytes((0, 0, 1, 1)))
_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def openers(text: bytes) -> int:
    """Count opening brackets, those within strings too: never less than the depth, and quick."""
    return len(text.translate(None, _NOT_OPENERS))


def too_deep(text: bytes) -> bool:
    """Tell whether a text that parses is nested deeper than `MAX_DEPTH`."""
    steps = _STRINGS.sub(b"", text).translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(map((-1, 1).__getitem__, steps)), default=0) > MAX_DEPTH
