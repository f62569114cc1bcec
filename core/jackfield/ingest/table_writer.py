"""Gives a plugin's sinks their own tables of the event store, and no others."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from jackfield.storage.chdb_door import DATABASE, ChdbStore
from jackfield_sdk import Refused


class PluginTableWriter:
    """Implements the SDK's `TableWriter` for one plugin."""

    def __init__(self, store: ChdbStore, plugin: str) -> None:
        self._store = store
        self._plugin = plugin
        self._types = cache(self._column_types)

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]], *, token: str) -> None:
        """See `TableWriter.insert`."""
        if not table.startswith(f"{self._plugin}_"):
            raise Refused(f"Plugin {self._plugin!r} may not write to table {table!r}: only to its own, named {self._plugin}_<noun>.")
        types = self._types(table)
        unknown = [name for name in columns if name not in types]
        if unknown:
            raise Refused(f"Table {table!r} of plugin {self._plugin!r} has no column {unknown[0]!r}.")
        try:
            rows = pa.table({name: _array(values, types[name]) for name, values in columns.items()})
        except (pa.ArrowInvalid, pa.ArrowTypeError) as problem:
            raise Refused(f"A value does not fit its column of table {table!r}: {problem}.") from problem
        self._store.insert(table, rows, token=token)

    def _column_types(self, table: str) -> dict[str, str]:
        answer = self._store.query(
            "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}",
            {"database": DATABASE, "table": table},
        )
        return dict(json.loads(answer)["data"])


def _array(values: Sequence[Any], column_type: str) -> pa.Array:
    if "DateTime64" in column_type and values and isinstance(values[0], int):
        return pa.array(values, pa.int64()).cast(pa.timestamp("us", "UTC"))
    return pa.array(values)
