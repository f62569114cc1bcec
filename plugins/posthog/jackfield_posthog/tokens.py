"""What a project token may look like. Whether a project has it is the host's question."""

from typing import Final

from jackfield_sdk import Refused

MAX_TOKEN_BYTES: Final = 64
PERSONAL_KEY_PREFIX: Final = "phx_"
MISSING: Final = "event submitted without an api_key"
INVALID: Final = "API key is not valid: "
UNKNOWN: Final = INVALID + "unknown"


def checked_token(token: str | None) -> str:
    """Return a token without surrounding spaces.

    Raises:
        Refused: 401; there is none, or no project can have it.
    """
    if token is None:
        raise Refused(MISSING, status=401)
    token = token.strip()
    reason = _reason_against(token)
    if reason:
        raise Refused(INVALID + reason, status=401)
    return token


def _reason_against(token: str) -> str:
    if not token:
        return "empty"
    if len(token.encode()) > MAX_TOKEN_BYTES:
        return "too_long"
    if not token.isascii():
        return "not_ascii"
    if "\0" in token:
        return "null_byte"
    if token.startswith(PERSONAL_KEY_PREFIX):
        return "personal_api_key"
    return ""
