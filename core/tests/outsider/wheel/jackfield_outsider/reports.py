"""What is made of sightings: counts of species, and notes and reports as blobs."""

import json
from collections.abc import Callable, Sequence

from jackfield_outsider.sightings import SEEN
from jackfield_sdk import Blobs, Context, Delivery, JobRun, JsonObject, QueryContext, QueryKind, Rows
from jackfield_sdk.ast import Alias, Call, Field, Select, Table
from jackfield_sdk.batch import EventBatch, Mask


def is_sighting(_: Context) -> Callable[[EventBatch], Mask]:
    return lambda batch: batch.named(SEEN)


def note_sightings(context: Context) -> Callable[[Sequence[Delivery]], None]:
    blobs = context.require(Blobs)

    def deliver(deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            blobs.put(f"outsider/notes/{delivery.event['uuid']}", json.dumps(delivery.event["properties"]).encode())

    return deliver


def write_report(context: Context) -> Callable[[JobRun], None]:
    blobs = context.require(Blobs)

    def run(job: JobRun) -> None:
        blobs.put("outsider/report", json.dumps(job.arguments).encode())

    return run


def compile_species(_: int, __: QueryContext) -> Select:
    return Select(columns=[Alias(Call("uniq", (Field("properties", "species"),)), "species")], source=Table("events"))


def shape_species(_: int, __: QueryContext, rows: Rows) -> JsonObject:
    return {"species": int(str(rows.rows[0][0]))}


SPECIES: QueryKind[int] = QueryKind(name="outsider.species", parse=len, compile=compile_species, shape=shape_species)
