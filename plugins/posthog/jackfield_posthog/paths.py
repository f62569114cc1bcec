"""The paths of v0 capture, and what is particular to some of them."""

from typing import Final

CAPTURE_PATHS: Final = ("/e", "/i/v0/e", "/capture", "/track", "/batch", "/engage")
BASE64_AGAIN: Final = frozenset({"/e", "/capture", "/track", "/engage"})
"""Old SDKs encode twice here."""


def base64_again(path: str) -> bool:
    """Tell whether the JSON text of a path may be base64 after everything else was undone."""
    return path.rstrip("/") in BASE64_AGAIN


def unnamed_event(path: str) -> str | None:
    """Return the name of events without one, None on paths where each must have one."""
    return "$identify" if path.rstrip("/") == "/engage" else None
