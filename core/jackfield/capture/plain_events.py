"""Core's own way in, `POST /v1/events`: plain JSON events, with no meaning given to any name. How to read a body is in `plain_body.py`."""

from typing import TYPE_CHECKING

import msgspec

from jackfield.capture.plain_body import read_events
from jackfield_sdk import CaptureEndpoint, CaptureRequest, Envelope, Outcome, Record, Refused, Reply, Retryable
from jackfield_sdk.capture import error_status
from jackfield_sdk.identity import derived_uuid7
from jackfield_sdk.strict_json import with_finite_numbers

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch

FUTURE_MICROSECONDS = 23 * 3600 * 1_000_000
"""A clock may be wrong by a zone; what lies further ahead is taken for received now."""


def inspect(request: CaptureRequest) -> Envelope:
    """Count the events of a request that will be taken.

    Raises:
        Refused: no token, or a body that cannot be read.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Refused("request carries no project token", status=401)
    events = read_events(request.body, request.headers.get("content-encoding", ""))
    return Envelope(token=token, count=len(events.taken), refusals=events.refused, decoded_bytes=events.decoded_bytes)


def decode(record: Record) -> "EventBatch":
    """Read a stored request into columns; the same events are taken as `inspect` counted."""
    from jackfield_sdk.batch import EventBatch  # inside: the web worker has no use for numpy

    events = read_events(record.body, record.headers.get("content-encoding", "")).taken
    received_at = record.received_at
    latest = received_at + FUTURE_MICROSECONDS
    times = [received_at if event.at is None or event.at > latest else event.at for event in events]
    return EventBatch.build(
        project_id=[record.project_id] * len(events),
        uuid=[event.uuid or derived_uuid7(f"{record.id}:{event.index}", received_at // 1000) for event in events],
        event=[event.event for event in events],
        distinct_id=[event.distinct_id for event in events],
        timestamp=times,
        created_at=[received_at] * len(events),
        properties=with_finite_numbers([event.properties for event in events]),
        index=[event.index for event in events],
    )


def respond(outcome: Outcome) -> Reply:
    """Say how many events were taken, and why the others were not."""
    if outcome.error is not None:
        return _error_reply(outcome.error)
    taken = outcome.envelope or Envelope(token="", count=0)
    refused = [{"index": refusal.index, "reason": refusal.reason} for refusal in taken.refusals]
    if not taken.count:
        return Reply(status=400, body=msgspec.json.encode({"error": f"no event could be taken: {taken.refusals[0].reason}", "refused": refused}))
    return Reply(body=msgspec.json.encode({"accepted": taken.count, "refused": refused}))


def _error_reply(error: Refused | Retryable) -> Reply:
    status = error_status(error)
    headers = (("www-authenticate", "Bearer"),) if status == 401 else ()
    return Reply(status=status, body=msgspec.json.encode({"error": f"{error}{HINTS.get(status, '')}"}), headers=headers)


HINTS = {401: "; send the header 'Authorization: Bearer <project token>' with the token that the project's settings show"}


PLAIN_EVENTS = CaptureEndpoint(
    name="core.events",
    paths=("/v1/events",),
    inspect=inspect,
    decode=decode,
    respond=respond,
    keep_headers=("user-agent", "content-type", "content-encoding"),
)
