"""The events table at work: the columns promoted from properties, and batches as Arrow."""

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jackfield.ingest.events_step import EVENTS_TABLE
from jackfield.storage.chdb_door import DATABASE, ChdbStore
from jackfield_sdk import Misconfigured, PromotedProperty
from jackfield_sdk.batch import OPTIONAL_COLUMNS, EventBatch

# Batches name what the table spells otherwise: `team_id` because HogQL says so, the session by its type.
_TABLE_NAMES: Final = {"project_id": "team_id", "session_id": "session_uuid"}

# What DateTime64(6) can hold: 1900-01-01 to 2299-12-31, in microseconds since 1970. Beyond, ClickHouse would wrap around without a word.
EARLIEST: Final = -2_208_988_800_000_000
LATEST: Final = 10_413_791_999_999_999

ROWS_PER_PIECE: Final = 8192


def set_durability(store: ChdbStore, *, fsync: bool) -> None:
    """Make inserts into every table survive power loss or not: log rows are deleted once the inserts have returned."""
    wanted = f"fsync_after_insert = {int(fsync)}, fsync_part_directory = {int(fsync)}"
    answer = store.query("SELECT name, engine_full FROM system.tables WHERE database = {d:String} AND engine LIKE '%MergeTree'", {"d": DATABASE})
    for table, engine in json.loads(answer)["data"]:
        if wanted not in engine:  # an ALTER at every start would be a risk at every start
            store.execute(f"ALTER TABLE {DATABASE}.{_quoted(table)} MODIFY SETTING {wanted}")


def promoted_column(name: str) -> str:
    """Return the column that holds a promoted property."""
    return f"p_{name}"


def promote_properties(store: ChdbStore, wanted: Sequence[PromotedProperty]) -> None:
    """Give every wanted property its column, by metadata alone: old parts compute it when read, and get it with their next merge.

    All promoted columns read one and the same tuple, letter by letter: then an insert parses each JSON text once for all of them
    (`docs/adr/0006-promoted-columns.md`). A column once promoted stays, also when its plugin goes.
    """
    for promoted in wanted:
        if not promoted.name:
            raise Misconfigured("A property with an empty name cannot be promoted.")
    existing = _existing_columns(store)
    kinds = {promoted.name: promoted.kind for promoted in wanted}
    names = sorted({*existing, *kinds})
    if not names:
        return
    tuple_type = "Tuple(" + ", ".join(f"{_quoted(name)} Nullable(String)" for name in names) + ")"
    changes = []
    for name in names:
        expression = f"tupleElement(JSONExtract(properties, {_text(tuple_type)}), {_text(name)})"
        if name not in existing:
            kind = "LowCardinality(Nullable(String))" if kinds[name] == "low_cardinality" else "Nullable(String)"
            changes.append(f"ADD COLUMN {_quoted(promoted_column(name))} {kind} MATERIALIZED {expression}")
        elif _same(existing[name][1], expression):
            continue
        else:
            changes.append(f"MODIFY COLUMN {_quoted(promoted_column(name))} {existing[name][0]} MATERIALIZED {expression}")
    if changes:
        store.execute(f"ALTER TABLE {DATABASE}.{EVENTS_TABLE} " + ", ".join(changes))


def events_to_arrow(batch: EventBatch) -> pa.Table:
    """Turn a batch into columns of the events table; what nobody filled is left to the table's defaults."""
    instants = pa.timestamp("us", "UTC")
    arrays = {
        "uuid": _in_pieces(batch.uuid, pa.string()),
        "team_id": _in_pieces(batch.project_id, pa.int64()),
        "event": _in_pieces(batch.event, pa.string()),
        "distinct_id": _in_pieces(batch.distinct_id, pa.string()),
        "timestamp": _in_pieces(np.clip(batch.timestamp, EARLIEST, LATEST), pa.int64()).cast(instants),
        "created_at": _in_pieces(batch.created_at, pa.int64()).cast(instants),
        "properties": _in_pieces(batch.properties, pa.binary()),
    }
    for name in OPTIONAL_COLUMNS:
        if batch.has_column(name):
            arrays[_TABLE_NAMES.get(name, name)] = _in_pieces(batch.column(name), pa.string())
    return pa.table(arrays)


def _in_pieces(values: "Sequence[object] | NDArray[np.int64]", kind: pa.DataType) -> pa.ChunkedArray:
    """Make an array whose buffers are small enough for the allocator to keep: mapping pages for every batch costs more than filling them."""
    pool = pa.system_memory_pool()
    pieces = [pa.array(values[start : start + ROWS_PER_PIECE], kind, memory_pool=pool) for start in range(0, len(values), ROWS_PER_PIECE)]
    return pa.chunked_array(pieces, kind)


def _existing_columns(store: ChdbStore) -> dict[str, tuple[str, str]]:
    answer = store.query(
        f"SELECT name, type, default_expression FROM system.columns WHERE database = '{DATABASE}' AND table = '{EVENTS_TABLE}' "  # noqa: S608 - constants
        "AND default_kind = 'MATERIALIZED' AND startsWith(name, 'p_')"
    )
    return {name.removeprefix("p_"): (kind, expression) for name, kind, expression in json.loads(answer)["data"]}


def _same(stored: str, wanted: str) -> bool:
    return stored == wanted


def _quoted(identifier: str) -> str:
    return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
