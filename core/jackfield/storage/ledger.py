"""What each plugin ever left in both databases, so that its data can be purged when its package is gone. Nothing else drops data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from jackfield_sdk import Database
from jackfield_sdk.services import SqlValue

if TYPE_CHECKING:
    from jackfield.storage.chdb_door import ChdbStore


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A plugin's line in the ledger."""

    plugin: str
    distribution: str
    version: str
    metadata_tables: Sequence[str]
    store_tables: Sequence[str]


def record_plugins(database: Database, entries: Sequence[LedgerEntry]) -> None:
    """Note installed plugins; tables that an earlier version made stay noted."""
    known = {entry.plugin: entry for entry in ledger(database)}
    now = datetime.now(UTC)
    rows: list[Sequence[SqlValue]] = []
    for entry in entries:
        earlier = known.get(entry.plugin)
        metadata_tables = sorted({*entry.metadata_tables, *(earlier.metadata_tables if earlier else ())})
        store_tables = sorted({*entry.store_tables, *(earlier.store_tables if earlier else ())})
        rows.append((entry.plugin, entry.distribution, entry.version, cast("SqlValue", metadata_tables), cast("SqlValue", store_tables), now))
    columns = ("plugin", "distribution", "version", "metadata_tables", "store_tables", "seen_at")
    database.upsert_many("core_ledger", columns, rows, key=("plugin",), update=columns[1:])


def ledger(database: Database) -> list[LedgerEntry]:
    """Return all lines, by plugin."""
    rows = database.fetch(
        "SELECT plugin, distribution, version, metadata_tables, store_tables FROM core_ledger ORDER BY plugin", types=(str, str, str, list, list)
    )
    return [
        LedgerEntry(plugin=plugin, distribution=distribution, version=version, metadata_tables=metadata, store_tables=store)
        for plugin, distribution, version, metadata, store in cast("list[tuple[str, str, str, list[str], list[str]]]", rows)
    ]


def purge(database: Database, store: "ChdbStore", entry: LedgerEntry) -> None:
    """Drop a plugin's tables in both databases and forget it; if it is installed again, it starts from nothing."""
    for table in entry.store_tables:
        store.execute(f"DROP TABLE IF EXISTS jackfield.{_quoted(table, '`')} SYNC")
    store.execute(f"DELETE FROM jackfield.schema_migrations WHERE plugin = '{entry.plugin}'")  # noqa: S608 - a plugin's name is an identifier
    with database.transaction() as transaction:
        for table in reversed(entry.metadata_tables):
            transaction.execute(f"DROP TABLE IF EXISTS {_quoted(table, chr(34))}")
        labels = (entry.plugin, f"jackfield_{entry.plugin}")  # of its Django app: the plugin's name, or the package's where it chose none
        transaction.execute("DELETE FROM django_migrations WHERE app IN (?, ?)", labels)
        transaction.execute("DELETE FROM core_setting_value WHERE plugin = ?", (entry.plugin,))
        transaction.execute("DELETE FROM core_schedule WHERE plugin = ?", (entry.plugin,))
        transaction.execute("DELETE FROM core_ledger WHERE plugin = ?", (entry.plugin,))


def _quoted(identifier: str, mark: str) -> str:
    return f"{mark}{identifier.replace(mark, '')}{mark}"
