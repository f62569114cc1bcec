"""How sightings come in: a line of text, made into an event, with the bird's name as books write it."""

import json
from collections.abc import Callable

from jackfield_sdk import CaptureEndpoint, CaptureRequest, Context, Envelope, Outcome, Record, Refused, Reply
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.capture import error_status
from jackfield_sdk.identity import derived_uuid7

SEEN = "bird seen"


def inspect(request: CaptureRequest) -> Envelope:
    token, _, species = request.body.decode(errors="replace").partition(" ")
    if not species:
        raise Refused("write <project token> <species>")
    return Envelope(token=token, count=1)


def decode(record: Record) -> EventBatch:
    species = record.body.decode(errors="replace").partition(" ")[2]
    return EventBatch.build(
        project_id=[record.project_id],
        uuid=[derived_uuid7(record.id, record.received_at // 1000)],
        event=[SEEN],
        distinct_id=["watcher"],
        timestamp=[record.received_at],
        created_at=[record.received_at],
        properties=[json.dumps({"species": species}).encode()],
    )


def respond(outcome: Outcome) -> Reply:
    return Reply(status=error_status(outcome.error), body=str(outcome.error).encode()) if outcome.error else Reply(status=202)


SIGHTING = CaptureEndpoint(name="outsider.sighting", paths=["/sightings"], inspect=inspect, decode=decode, respond=respond)


def name_species(context: Context) -> Callable[[EventBatch], EventBatch]:
    station = context.settings.get("station")

    def apply(batch: EventBatch) -> EventBatch:
        seen = batch.named(SEEN)
        species = [str(name).strip().capitalize() for name in batch.property("species")]
        return batch.with_properties({"species": species, "station": [station] * len(batch)}, where=seen)

    return apply
