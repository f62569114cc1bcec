"""From a request's body to JSON text: forms, base64, gzip and where the data stands. Knows no events."""

import binascii
import re
from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import parse_qsl, unquote_to_bytes

from jackfield_posthog.lz_string import decompress_from_base64
from jackfield_sdk import Refused
from jackfield_sdk.capture import MEBIBYTE
from jackfield_sdk.compression import GZIP_MAGIC, gunzip
from jackfield_sdk.strict_json import clean_text

MAX_WIRE_BYTES: Final = 20 * MEBIBYTE
MAX_JSON_BYTES: Final = 5 * MAX_WIRE_BYTES
"""Decompressed. More than five times the wire limit is a bomb, or should be several requests."""

FORM: Final = "application/x-www-form-urlencoded"
GZIP: Final = ("gzip", "gzip-js")
LZ64: Final = ("lz64", "lz-string")
BASE64: Final = ("base64", "b64")
NO_COMPRESSION: Final = ("", "none", "identity")
JSON_OR_GZIP: Final = b'{["\x1f \t\r\n\xef'
"""First bytes that neither a form nor base64 begins with: what nearly every request begins with."""

_BASE64_WITH_SPACES: Final = re.compile(rb"[A-Za-z0-9+/ ]+=*")


class Received(Protocol):
    """What a request on the event loop and a record of the log have in common."""

    @property
    def query(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


def query_parameters(query: str) -> Mapping[str, str]:
    """Read a query string; of a repeated name the last value counts."""
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}


def json_text(request: Received, *, base64_again: bool = False, known_compression_only: bool = False) -> bytes:
    """Undo everything that was done to the JSON text on its way.

    Args:
        base64_again: the text may be base64 once more after all other steps, as very old SDKs have it.
        known_compression_only: refuse compressions that we do not know instead of taking the payload for plain.

    Raises:
        Refused: 400 when a step fails or the text is not UTF-8, 413 when the text is longer than `MAX_JSON_BYTES`.
    """
    parameters = query_parameters(request.query)
    asked = parameters.get("data", "")
    payload = asked.encode() if asked else request.body
    if not payload:
        raise Refused("request missing data payload")
    compression = (parameters.get("compression", "") or request.headers.get("content-encoding", "")).strip().lower()
    form = False
    if payload[0] not in JSON_OR_GZIP:
        form = _looks_like_form(payload)
        if not form and compression not in LZ64:  # which looks like base64, and is not
            payload = _from_base64(payload) or payload
            form = _looks_like_form(payload)
    in_form = not asked and request.headers.get("content-type", "").startswith(FORM)
    if in_form:
        if not form:
            raise Refused("failed to decode request: expected form data in POST request payload")
        payload, of_form = _form_data(payload)
        compression = of_form.strip().lower() or compression
    text = _decompressed(payload, compression, hint_may_be_wrong=in_form, known_only=known_compression_only)
    if base64_again and text[:1] not in (b"{", b"["):
        text = _unzipped(_from_base64(text) or text)
    if len(text) > MAX_JSON_BYTES:
        raise _too_large()
    try:
        return clean_text(text)
    except UnicodeDecodeError as problem:
        raise Refused(f"failed to decode request: invalid UTF-8 at byte {problem.start}") from problem


def _decompressed(payload: bytes, compression: str, *, hint_may_be_wrong: bool, known_only: bool) -> bytes:
    if compression in GZIP and not payload.startswith(GZIP_MAGIC) and not hint_may_be_wrong:
        return _gunzip(payload)  # says what is wrong with it
    if compression in LZ64:
        return decompress_from_base64(payload, max_characters=MAX_JSON_BYTES // 4).encode("utf-8", "replace")
    if compression in BASE64:
        payload = _from_base64(payload) or payload
    elif known_only and compression not in NO_COMPRESSION and compression not in GZIP:
        raise Refused(f"failed to decode request: unsupported compression {compression!r}")
    return _unzipped(payload)


def _unzipped(payload: bytes) -> bytes:
    return _gunzip(payload) if payload.startswith(GZIP_MAGIC) else payload


def _gunzip(payload: bytes) -> bytes:
    try:
        return gunzip(payload, max_bytes=MAX_JSON_BYTES)
    except Refused as refused:
        raise _too_large() if refused.status == 413 else refused from refused


def _too_large() -> Refused:
    return Refused(f"maximum event size exceeded: the body holds more than {MAX_JSON_BYTES} bytes", status=413)


def _looks_like_form(payload: bytes) -> bool:
    """Tell `name=value&…` from base64, where `=` stands only at the end."""
    return b"=" in payload[:1024].rstrip(b"=") and payload[:1] not in (b"{", b"[")


def _from_base64(payload: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(payload, strict_mode=True) or None
    except binascii.Error:
        return None


def _form_data(payload: bytes) -> tuple[bytes, str]:
    """Return `data` and `compression` of a form."""
    fields = {name: value for name, _, value in (pair.partition(b"=") for pair in payload.split(b"&", 16))}
    data = unquote_to_bytes(fields.get(b"data", b"").replace(b"+", b" "))
    if not data:
        raise Refused("request missing data payload")
    if _BASE64_WITH_SPACES.fullmatch(data):
        data = data.replace(b" ", b"+")  # SDKs send base64 unescaped, and forms read its plus signs as spaces
    return data, unquote_to_bytes(fields.get(b"compression", b"")).decode("ascii", "replace")
