"""Where sightings are kept, and how queries see them."""

from collections.abc import Callable

from jackfield_outsider.sightings import SEEN
from jackfield_sdk import ClickHouseStep, ClickHouseTable, Column, Context, TableField, TableWriter, VirtualTable
from jackfield_sdk.batch import EventBatch

STEP = ClickHouseStep(
    number=1,
    name="sightings",
    tables=[ClickHouseTable(name="outsider_sighting")],
    statements=[
        "CREATE TABLE IF NOT EXISTS {database}.outsider_sighting (team_id Int64, species String) ENGINE = MergeTree ORDER BY (team_id, species) "
        "SETTINGS non_replicated_deduplication_window = 1000"
    ],
)

SIGHTINGS = VirtualTable(name="sightings", source="outsider_sighting", fields={"species": TableField("string", Column("species"))})


def write_sightings(context: Context) -> Callable[[EventBatch, str], None]:
    writer = context.require(TableWriter)

    def write(batch: EventBatch, token: str) -> None:
        seen = batch.select(batch.named(SEEN))
        if len(seen):
            writer.insert("outsider_sighting", {"team_id": seen.project_id, "species": seen.property("species")}, token=token)

    return write
