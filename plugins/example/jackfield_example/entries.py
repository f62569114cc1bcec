"""Where entries are kept: their table in the event store, who writes it, and how queries see it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from jackfield_example.pseudonyms import pseudonyms
from jackfield_example.signature import SIGNED
from jackfield_sdk import ClickHouseStep, ClickHouseTable, Column, Context, Derived, TableField, TableWriter, VirtualField, VirtualTable
from jackfield_sdk.ast import Call, Field, Literal

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch

ENTRY_TABLE: Final = "example_entry"

ENTRY_STEP: Final = ClickHouseStep(
    number=1,
    name="entries",
    tables=[ClickHouseTable(name=ENTRY_TABLE)],
    statements=[
        """CREATE TABLE IF NOT EXISTS {database}.example_entry (
    team_id Int64,
    uuid UUID,
    signed_at DateTime64(6, 'UTC'),
    guest_name String,
    message String,
    pseudonym String
) ENGINE = MergeTree
ORDER BY (team_id, signed_at, uuid)
SETTINGS non_replicated_deduplication_window = 1000"""
    ],
)

GUESTBOOK: Final = VirtualTable(
    name="guestbook",
    source=ENTRY_TABLE,
    description="Entries of the guestbook.",
    fields={
        "uuid": TableField("uuid", Column("uuid"), "Id of the entry, and of its event."),
        "signed_at": TableField("datetime", Column("signed_at"), "When it was signed."),
        "guest_name": TableField("string", Column("guest_name"), "Who signed."),
        "message": TableField("string", Column("message"), "What they wrote."),
        "pseudonym": TableField("string", Column("pseudonym"), "The same for all entries of a guest; empty without a key."),
        "place": TableField(
            "string",
            Derived(Call("concat", (Call("toString", (Field("signed_at"),)), Literal(" "), Call("toString", (Field("uuid"),))))),
            "Where it stands in the book: unique, and in order of time.",
        ),
    },
)

GUEST_NAME: Final = VirtualField(
    table="events",
    name="guest_name",
    field=TableField("string", Derived(Field("properties", "guest_name")), "Who signed the guestbook; null for all other events."),
)


def write_entries(context: Context) -> "Callable[[EventBatch, str], None]":
    """Build the sink; the token makes a batch that comes again leave no second row."""
    writer = context.require(TableWriter)

    def write(batch: "EventBatch", token: str) -> None:
        entries = batch.select(batch.named(SIGNED))
        if not len(entries):
            return
        names, messages = entries.properties_named(["guest_name", "message"])
        columns = {
            "team_id": entries.project_id,
            "uuid": entries.uuid,
            "signed_at": entries.timestamp,
            "guest_name": names,
            "message": messages,
            "pseudonym": pseudonyms(context, entries.project_id, entries.distinct_id),
        }
        writer.insert(ENTRY_TABLE, columns, token=token)

    return write
