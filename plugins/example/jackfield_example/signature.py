"""How a visitor signs: the form's POST becomes an event. Knows the form's fields, not where entries are kept."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote

from jackfield_example.form import FORM_PATH
from jackfield_sdk import CaptureEndpoint, CaptureRequest, Envelope, Outcome, Record, Refused, Reply
from jackfield_sdk.capture import error_status
from jackfield_sdk.identity import derived_uuid7

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch

SIGNED: Final = "guestbook signed"
"""The event. Any SDK may send it as well, with the properties `guest_name` and `message`."""

SIGN_PATH: Final = "/guestbook/sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the form holds."""

    token: str
    name: str
    message: str


def read_signature(body: bytes) -> Signature:
    """Read the fields of a posted form.

    Raises:
        Refused: a field is missing.
    """
    try:
        fields = parse_qs(body.decode(errors="replace"), max_num_fields=8)
    except ValueError as problem:
        raise Refused("the form has too many fields") from problem
    token, name, message = (fields.get(field, [""])[0].strip() for field in ("token", "name", "message"))
    if not token:
        raise Refused("the form carries no project token", status=401)
    if not name or not message:
        raise Refused("please give your name and a message")
    return Signature(token=token, name=name, message=message)


def inspect(request: CaptureRequest) -> Envelope:
    """Say whose guestbook is signed.

    Raises:
        Refused: a field is missing.
    """
    return Envelope(token=read_signature(request.body).token, count=1)


def decode(record: Record) -> "EventBatch":
    """Make the event; the same record gives the same uuid each time."""
    from jackfield_sdk.batch import EventBatch  # inside: the web worker has no use for numpy

    signature = read_signature(record.body)
    return EventBatch.build(
        project_id=[record.project_id],
        uuid=[derived_uuid7(record.id, record.received_at // 1000)],
        event=[SIGNED],
        distinct_id=[signature.name[:200]],
        timestamp=[record.received_at],
        created_at=[record.received_at],
        properties=[json.dumps({"guest_name": signature.name, "message": signature.message}).encode()],
    )


def respond(outcome: Outcome) -> Reply:
    """Send the visitor back to the form, or say what is wrong."""
    if outcome.error is not None:
        return Reply(status=error_status(outcome.error), body=f"{outcome.error}\n".encode(), content_type="text/plain; charset=utf-8")
    token = outcome.envelope.token if outcome.envelope else ""
    return Reply(status=303, headers=[("location", f"{FORM_PATH}{quote(token, safe='')}?signed")])


SIGN: Final = CaptureEndpoint(
    name="example.sign", paths=[SIGN_PATH], inspect=inspect, decode=decode, respond=respond, keep_headers=("content-type",), max_body_bytes=64 * 1024
)
