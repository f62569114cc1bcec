"""How deep JSON text is nested, without parsing it: parsers recurse, and ClickHouse gives up at a thousand levels."""

import re
from typing import Final

MAX_DEPTH: Final = 200

_NOT_OPENERS: Final = bytes(code for code in range(256) if code not in b"[{")
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")
_AS_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def openers(text: bytes) -> int:
    """Count opening brackets, those within strings too: never less than the depth, and quick."""
    return len(text.translate(None, _NOT_OPENERS))


def too_deep(text: bytes) -> bool:
    """Tell whether a text that parses is nested deeper than `MAX_DEPTH`."""
    brackets = _STRINGS.sub(b"", text).translate(_AS_ONE_KIND, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")  # takes the innermost level away
    return bool(brackets)
