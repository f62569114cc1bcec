"""Gunzip with bounds: hostile bodies cost no more than the limit."""

import zlib

from isal import isal_zlib

from jackfield_sdk.errors import Refused

GZIP_MAGIC = b"\x1f\x8b\x08"
MAX_RATIO = 100
FREE_BYTES = 1024 * 1024
"""A body may grow `MAX_RATIO`-fold by decompression, and to `FREE_BYTES` in any case."""


def gunzip(body: bytes, *, max_bytes: int) -> bytes:
    """Decompress all members of a gzip body.

    Args:
        body: one or more gzip members, perhaps followed by zero padding.
        max_bytes: bound over all members together, besides the one by ratio.

    Raises:
        Refused: 413 when the result is longer than that, 400 when the body is truncated or no gzip.
    """
    parts: list[bytes] = []
    bound = left = min(max_bytes, max(FREE_BYTES, MAX_RATIO * len(body)))
    rest = body
    while rest:
        stream = isal_zlib.decompressobj(31)
        try:
            # One byte more than allowed tells "exactly full" from "too long".
            part = stream.decompress(rest, left + 1)
        except (isal_zlib.error, zlib.error) as problem:  # type: ignore[misc]  # isal's error is a class of its own; its stub hides that
            raise Refused(f"failed to decode request: gzip: {problem}") from problem
        left -= len(part)
        if left < 0:
            raise Refused(f"failed to decode request: decompressed body exceeds {bound} bytes", status=413)
        if not stream.eof:
            raise Refused("failed to decode request: gzip body is truncated")
        parts.append(part)
        rest = stream.unused_data.lstrip(b"\0")
    return parts[0] if len(parts) == 1 else b"".join(parts)
