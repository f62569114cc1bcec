"""v0 capture: how events of PostHog's SDKs come in. The endpoint, and nothing of its work."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from jackfield_posthog.answers import respond
from jackfield_posthog.body import MAX_WIRE_BYTES, json_text
from jackfield_posthog.events import read_submission
from jackfield_posthog.paths import CAPTURE_PATHS, base64_again, unnamed_event
from jackfield_sdk import CaptureEndpoint, CaptureRequest, Envelope, Record

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch


def inspect(request: CaptureRequest) -> Envelope:
    """Find the token and count the events that will be taken.

    Raises:
        Refused: none will.
    """
    text = json_text(request, base64_again=base64_again(request.path))
    submission = read_submission(text, unnamed=unnamed_event(request.path), stored=False)
    return Envelope(token=submission.token, count=len(submission.taken), refusals=submission.refusals, decoded_bytes=len(text))


def decode(record: Record) -> "EventBatch":
    """Read a stored request into columns."""
    return decode_many([record])


def decode_many(records: Sequence[Record]) -> "EventBatch":
    """Read stored requests into columns, in one go."""
    from jackfield_posthog.columns import decode_records  # inside: the web worker has no use for numpy

    return decode_records(records)


CAPTURE: Final = CaptureEndpoint(
    name="posthog.capture",
    paths=CAPTURE_PATHS,
    methods=("GET", "POST", "OPTIONS"),
    inspect=inspect,
    decode=decode,
    decode_many=decode_many,
    respond=respond,
    keep_headers=("user-agent", "content-type", "content-encoding"),
    max_body_bytes=MAX_WIRE_BYTES,
)
