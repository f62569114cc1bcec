"""The virtual tables as queries see them: contributed tables with the fields that plugins added or replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jackfield.host.registry import Registry
from jackfield_sdk import PromotedProperty, Refused, VirtualField, VirtualTable
from jackfield_sdk.query import Column, Properties, TableField

EVENTS = VirtualTable(
    name="events",
    source="events",
    description="What happened.",
    fields={
        "uuid": TableField("uuid", Column("uuid"), "Id of the event."),
        "event": TableField("string", Column("event"), "Its name."),
        "distinct_id": TableField("string", Column("distinct_id"), "Who did it, as the sender calls them."),
        "person_id": TableField("uuid", Column("person_id"), "The person behind the distinct_id."),
        "timestamp": TableField("datetime", Column("timestamp"), "When it happened."),
        "created_at": TableField("datetime", Column("created_at"), "When it was received."),
        "properties": TableField("json", Properties("properties"), "What else is known of it."),
        "elements_chain": TableField("string", Column("elements_chain"), "The element that was interacted with, and its parents."),
        "session_id": TableField("uuid", Column("session_uuid"), "The session that it belongs to."),
    },
)
"""The table that core itself brings."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All virtual tables by name, and the properties of events that have a column of their own."""

    tables: Mapping[str, VirtualTable]
    promoted: frozenset[str]

    def table(self, name: str) -> VirtualTable:
        """Return a table.

        Raises:
            Refused: there is none of this name.
        """
        found = self.tables.get(name)
        if found is None:
            raise Refused(f"There is no table {name!r}; there are {', '.join(sorted(self.tables))}.")
        return found


def build_catalog(registry: Registry) -> Catalog:
    """Merge tables and fields of all plugins; the registry has checked that they fit."""
    tables = {item.value.name: item.value for item in registry.of(VirtualTable)}
    for item in registry.of(VirtualField):
        table = tables[item.value.table]
        tables[table.name] = replace(table, fields={**table.fields, item.value.name: item.value.field})
    return Catalog(tables, frozenset(item.value.name for item in registry.of(PromotedProperty)))
