"""Tables of the event store: applies numbered steps once, and keeps a ledger of them. Forward only."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa

from jackfield.errors import PluginProblem
from jackfield.host.registry import Contributed, way_out
from jackfield.storage.chdb_door import DATABASE, ChdbStore
from jackfield_sdk import ClickHouseStep, Misconfigured, Refused
from jackfield_sdk.identity import uuid7

_LEDGER = f"""CREATE TABLE IF NOT EXISTS {DATABASE}.schema_migrations (
    plugin String, number UInt32, name String, checksum String, tables String, applied_at DateTime64(6, 'UTC'))
ENGINE = MergeTree ORDER BY (plugin, number) SETTINGS non_replicated_deduplication_window = 1000"""


def apply_steps(store: ChdbStore, steps: Sequence[Contributed[ClickHouseStep]]) -> list[str]:
    """Apply the steps that the ledger does not hold, in the order given (by plugin) and by number.

    Returns:
        `<plugin>/<number>` of each step applied.

    Raises:
        PluginProblem: an applied step has changed, a step failed, or a table lacks its guard column.
    """
    store.execute(_LEDGER)
    ledger = {(plugin, number): checksum for plugin, number, checksum in _rows(store, "SELECT plugin, number, checksum FROM {db}.schema_migrations")}
    applied: list[str] = []
    for item in sorted(steps, key=lambda item: (_rank(item, steps), item.value.number)):
        step = item.value
        checksum = hashlib.sha256("\n".join(step.statements).encode()).hexdigest()
        known = ledger.get((item.plugin, step.number))
        if known == checksum:
            continue
        if known is not None:
            raise PluginProblem(
                [item.plugin],
                f"Step {step.number} ({step.name!r}) of plugin {item.plugin!r} was applied with another text. "
                "Applied steps never change: put the old text back and add a new step.",
            )
        try:
            for statement in step.statements:
                store.execute(statement.replace("{database}", DATABASE))
        except (Misconfigured, Refused) as problem:
            raise PluginProblem(
                [item.plugin], f"Step {step.number} ({step.name!r}) of plugin {item.plugin!r} failed: {problem} {way_out(item.plugin)}"
            ) from problem
        _check_guards(store, item)
        _record(store, item.plugin, step, checksum)
        applied.append(f"{item.plugin}/{step.number}")
    return applied


def tables_of(store: ChdbStore, plugin: str) -> list[str]:
    """Return the tables that a plugin ever created, from the ledger: also of plugins that are gone."""
    rows = _rows(store, "SELECT tables FROM {db}.schema_migrations WHERE plugin = {plugin:String}", plugin=plugin)
    return sorted({table for (tables,) in rows for table in json.loads(str(tables))})


def _rank(item: Contributed[ClickHouseStep], steps: Sequence[Contributed[ClickHouseStep]]) -> int:
    return next(position for position, other in enumerate(steps) if other.plugin == item.plugin)


def _check_guards(store: ChdbStore, item: Contributed[ClickHouseStep]) -> None:
    for table in item.value.tables:
        found = _rows(store, "SELECT name, type FROM system.columns WHERE database = {d:String} AND table = {t:String}", d=DATABASE, t=table.name)
        columns = {str(name): str(kind) for name, kind in found}
        if not columns:
            raise PluginProblem(
                [item.plugin], f"Step {item.value.number} of plugin {item.plugin!r} says that it creates {table.name!r}, but it does not."
            )
        if table.scope == "project" and columns.get("team_id") != "Int64":
            raise PluginProblem(
                [item.plugin],
                f"Table {table.name!r} of plugin {item.plugin!r} has no column `team_id Int64`, by which reads are guarded. "
                "Add it, or declare the table's scope as 'global' if it holds nobody's data.",
            )


def _record(store: ChdbStore, plugin: str, step: ClickHouseStep, checksum: str) -> None:
    row = {
        "plugin": [plugin],
        "number": pa.array([step.number], pa.uint32()),
        "name": [step.name],
        "checksum": [checksum],
        "tables": [json.dumps([table.name for table in step.tables])],
        "applied_at": pa.array([datetime.now(UTC)], pa.timestamp("us", "UTC")),
    }
    # Never the same token twice: after a purge the same row comes again, and must not be taken for the one that was deleted.
    store.insert("schema_migrations", pa.table(row), token=str(uuid7()))


def _rows(store: ChdbStore, sql: str, **parameters: str) -> list[list[object]]:
    answer = json.loads(store.query(sql.replace("{db}", DATABASE), parameters))
    return list(answer["data"])
