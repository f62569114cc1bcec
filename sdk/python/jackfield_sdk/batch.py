"""Events in columns: what decoders make, transformers change and sinks write. Knows no event by name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypedDict, Unpack, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from jackfield_sdk.identity import NIL_UUID
from jackfield_sdk.jsontypes import Json, JsonObject

Mask = NDArray[np.bool_]

# What an optional column holds in every row as long as nobody fills it; sinks leave such columns to the table's default.
OPTIONAL_COLUMNS: Final[Mapping[str, str]] = {
    "person_id": NIL_UUID,
    "person_mode": "full",
    "session_id": NIL_UUID,
    "elements_chain": "",
    "group_0": "",
    "group_1": "",
    "group_2": "",
    "group_3": "",
    "group_4": "",
}
IDENTITY_COLUMNS: Final = ("record", "index", "project_id", "uuid")
REQUIRED_COLUMNS: Final = (*IDENTITY_COLUMNS, "event", "distinct_id", "timestamp", "created_at", "properties")
_ALL_COLUMNS: Final = frozenset((*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS))


class OptionalColumns(TypedDict, total=False):
    """Columns that a decoder may fill and a transformer may replace."""

    person_id: Sequence[str]
    person_mode: Sequence[str]
    session_id: Sequence[str]
    elements_chain: Sequence[str]
    group_0: Sequence[str]
    group_1: Sequence[str]
    group_2: Sequence[str]
    group_3: Sequence[str]
    group_4: Sequence[str]


class EnvelopeColumns(OptionalColumns, total=False):
    """Columns that a transformer may replace. Properties have methods of their own; uuid and project never change."""

    event: Sequence[str]
    distinct_id: Sequence[str]
    timestamp: Sequence[int]


@dataclass(frozen=True, slots=True)
class Drop:
    """An event that left the pipeline on purpose."""

    project_id: int
    uuid: str
    event: str
    reason: str


class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""Stands for "leave as it is" in a column given to `with_property`."""


class EventBatch:
    """Events of one plan, column by column. Immutable: every method that changes something returns a new batch.

    A column is a sequence with one value per row. `timestamp` and `created_at` are microseconds since 1970, UTC; ids are
    lower-case UUID texts; `properties` holds one JSON object per row, as bytes, valid UTF-8. Property changes are kept
    beside the bytes and merged into them once, when someone asks for `properties`.
    """

    __slots__ = ("_changes", "_columns", "_decoded", "derived", "drops")

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        *,
        changes: Mapping[str, Sequence[Any]] | None = None,
        drops: Sequence[Drop] = (),
        derived: frozenset[str] = frozenset(),
    ) -> None:
        """Wrap columns as they are; use `build` unless you know that they fit together."""
        self._columns: dict[str, Sequence[Any]] = dict(columns)
        for name in IDENTITY_COLUMNS:  # a tuple cannot be changed in place
            self._columns[name] = tuple(self._columns[name])
        self._changes: dict[str, Sequence[Any]] = dict(changes or {})
        self._decoded: dict[str, Sequence[Json]] = {}
        self.drops = tuple(drops)
        self.derived = derived

    @classmethod
    def build(
        cls,
        *,
        project_id: Sequence[int],
        uuid: Sequence[str],
        event: Sequence[str],
        distinct_id: Sequence[str],
        timestamp: Sequence[int],
        created_at: Sequence[int],
        properties: Sequence[bytes],
        index: Sequence[int] | None = None,
        record: Sequence[int] | None = None,
        **optional: Unpack[OptionalColumns],
    ) -> "EventBatch":
        """Make a batch of the events of one record, or of several.

        Args:
            index: place of each event within its record, where some were left out.
            record: position of each event's record, where there are several.

        Raises:
            ValueError: columns differ in length, or a name is unknown.
        """
        rows = len(uuid)
        columns: dict[str, Sequence[Any]] = {
            "record": [0] * rows if record is None else record,
            "index": list(range(rows)) if index is None else index,
            "project_id": project_id,
            "uuid": uuid,
            "event": event,
            "distinct_id": distinct_id,
            "timestamp": timestamp,
            "created_at": created_at,
            "properties": properties,
            **cast("dict[str, Sequence[Any]]", optional),
        }
        _check_columns(columns, rows)
        return cls(columns)

    @classmethod
    def concatenate(cls, batches: Sequence["EventBatch"]) -> "EventBatch":
        """Put the batches of several records one after another; row by row, `record` tells the position in `batches`."""
        joined = cls.chained(batches)
        joined._columns["record"] = tuple(chain.from_iterable([position] * len(batch) for position, batch in enumerate(batches)))
        return joined

    def numbered_from(self, first: int) -> "EventBatch":
        """Return the batch with positions of records that begin later."""
        return self._copy({**self._columns, "record": [first + position for position in self.record]}, self._changes)

    @classmethod
    def chained(cls, batches: Sequence["EventBatch"]) -> "EventBatch":
        """Put batches one after another whose `record` tells apart already which records they are of."""
        if not batches:
            return cls({name: [] for name in REQUIRED_COLUMNS})
        filled = set().union(*[batch._columns for batch in batches])
        names = [name for name in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS) if name in filled]
        columns = {name: list(chain.from_iterable([batch.column(name) for batch in batches])) for name in names}
        derived = frozenset().union(*[batch.derived for batch in batches])
        return cls(columns, drops=[drop for batch in batches for drop in batch.drops], derived=derived)

    def __len__(self) -> int:
        return len(self._columns["uuid"])

    # -- the envelope ------------------------------------------------------------------------------------------------

    @property
    def record(self) -> Sequence[int]:
        """Position of each event's record within the plan."""
        return self._columns["record"]

    @property
    def index(self) -> Sequence[int]:
        """Place of each event within its record."""
        return self._columns["index"]

    @property
    def project_id(self) -> Sequence[int]:
        return self._columns["project_id"]

    @property
    def uuid(self) -> Sequence[str]:
        return self._columns["uuid"]

    @property
    def event(self) -> Sequence[str]:
        return self._columns["event"]

    @property
    def distinct_id(self) -> Sequence[str]:
        return self._columns["distinct_id"]

    @property
    def timestamp(self) -> Sequence[int]:
        """When it happened: microseconds since 1970, UTC."""
        return self._columns["timestamp"]

    @property
    def created_at(self) -> Sequence[int]:
        """When it was received: microseconds since 1970, UTC."""
        return self._columns["created_at"]

    @property
    def person_id(self) -> Sequence[str]:
        return cast("Sequence[str]", self.column("person_id"))

    @property
    def session_id(self) -> Sequence[str]:
        return cast("Sequence[str]", self.column("session_id"))

    def named(self, *names: str) -> Mask:
        """Tell which rows are events of these names."""
        return np.fromiter((event in names for event in self.event), dtype=np.bool_, count=len(self))

    def has_column(self, name: str) -> bool:
        """Tell whether anybody filled an optional column."""
        return name in self._columns

    def column(self, name: str) -> Sequence[object]:
        """Return an envelope column by name, an optional one with its default if nobody filled it.

        Raises:
            KeyError: there is no such column.
        """
        if name == "properties":
            return self.properties
        found = self._columns.get(name)
        return [OPTIONAL_COLUMNS[name]] * len(self) if found is None else found

    def with_columns(self, **columns: Unpack[EnvelopeColumns]) -> "EventBatch":
        """Replace envelope columns.

        Raises:
            ValueError: a column has the wrong length, is unknown, or is part of an event's identity.
        """
        given = cast("dict[str, Sequence[Any]]", columns)
        forbidden = [name for name in given if name in IDENTITY_COLUMNS or name in ("properties", "created_at")]
        if forbidden:
            raise ValueError(f"Columns {forbidden} of a batch cannot be replaced: uuid and project of an event never change.")
        _check_columns(given, len(self))
        return self._copy({**self._columns, **given}, self._changes)

    # -- properties --------------------------------------------------------------------------------------------------

    @property
    def properties(self) -> Sequence[bytes]:
        """Properties of each row as JSON text, all changes merged in. Cheap when nothing was changed."""
        if self._changes:
            self._columns["properties"] = _merge(self._columns["properties"], self._changes)
            self._changes = {}
        return self._columns["properties"]

    @property
    def changed(self) -> frozenset[str]:
        """Names of properties that were changed and are not yet merged into the bytes."""
        return frozenset(self._changes)

    def property(self, name: str) -> Sequence[Json]:
        """Return one property for all rows, None where it is absent. Decoded once, then remembered."""
        return self.properties_named([name])[0]

    def properties_named(self, names: Sequence[str]) -> list[Sequence[Json]]:
        """Return several properties for all rows; one pass for all of them together."""
        wanted = [name for name in names if name not in self._decoded]
        if wanted:
            for name, column in zip(wanted, _decode_properties(self._columns["properties"], wanted), strict=True):
                change = self._changes.get(name)
                self._decoded[name] = column if change is None else _overlay(column, change)
        return [self._decoded[name] for name in names]

    def truthy(self, name: str) -> Mask:
        """Tell for which rows a property is there and is neither null, false, 0 nor empty."""
        return np.fromiter(map(bool, self.property(name)), dtype=np.bool_, count=len(self))

    def with_property(self, name: str, values: Sequence[Json | _Missing], *, where: Mask | None = None) -> "EventBatch":
        """Set one property; see `with_properties`."""
        return self.with_properties({name: values}, where=where)

    def with_properties(self, values: Mapping[str, Sequence[Json | _Missing]], *, where: Mask | None = None) -> "EventBatch":
        """Set properties.

        Args:
            values: a column per property; None sets null, `MISSING` leaves the row as it is.
            where: rows to change; all if left out.

        Raises:
            ValueError: a column has the wrong length.
        """
        _check_lengths(values, len(self))
        return self._with_changes({name: _where(column, where) for name, column in values.items()})

    def without_properties(self, names: Iterable[str], *, where: Mask | None = None) -> "EventBatch":
        """Take properties away."""
        return self._with_changes({name: _where([_REMOVED] * len(self), where) for name in names})

    def rows(self) -> Iterator[JsonObject]:
        """Give each event as a dictionary. Slow (6 µs a row): for tests and rare cases, not for every event."""
        names = [*REQUIRED_COLUMNS[3:-1], *OPTIONAL_COLUMNS]
        columns = [self.column(name) for name in names]
        for values, properties in zip(zip(*columns, strict=True), self.properties, strict=True):
            row = cast("JsonObject", dict(zip(names, values, strict=True)))
            row["properties"] = msgspec.json.decode(properties)
            yield row

    # -- rows --------------------------------------------------------------------------------------------------------

    def select(self, mask: Mask) -> "EventBatch":
        """Keep the rows where `mask` is true, without a word about the others."""
        if mask.all():
            return self
        keep = np.flatnonzero(mask).tolist()
        return self._copy(
            {name: [column[row] for row in keep] for name, column in self._columns.items()},
            {name: [column[row] for row in keep] for name, column in self._changes.items()},
        )

    def split(self, row: int) -> tuple["EventBatch", "EventBatch"]:
        """Cut before `row`; the first part keeps the drops."""
        parts = [
            EventBatch(
                {name: column[rows] for name, column in self._columns.items()},
                changes={name: column[rows] for name, column in self._changes.items()},
                derived=self.derived,
            )
            for rows in (slice(None, row), slice(row, None))
        ]
        parts[0].drops = self.drops
        return parts[0], parts[1]

    def drop(self, mask: Mask, reason: str) -> "EventBatch":
        """Drop the rows where `mask` is true; the reason is counted and shown to the project."""
        if not mask.any():
            return self
        gone = np.flatnonzero(mask).tolist()
        kept = self.select(~mask)
        drops = [Drop(self.project_id[row], self.uuid[row], self.event[row], reason) for row in gone]
        return EventBatch(kept._columns, changes=kept._changes, drops=(*self.drops, *drops), derived=self.derived)

    def append(self, derived: "EventBatch") -> "EventBatch":
        """Add events that were made from those of this batch; each names its origin by `record` and `index`, and has a uuid of its own."""
        joined = self.join(derived)
        joined.derived = self.derived.union(derived.uuid)
        return joined

    def join(self, other: "EventBatch") -> "EventBatch":
        """Put two parts of one plan together again, as `split` gave them."""
        return EventBatch.chained([self, other])

    # -- inside ------------------------------------------------------------------------------------------------------

    def _copy(self, columns: Mapping[str, Sequence[Any]], changes: Mapping[str, Sequence[Any]]) -> "EventBatch":
        return EventBatch(columns, changes=changes, drops=self.drops, derived=self.derived)

    def _with_changes(self, new: Mapping[str, Sequence[Any]]) -> "EventBatch":
        changes = dict(self._changes)
        for name, column in new.items():
            earlier = changes.get(name)
            changes[name] = column if earlier is None else [e if n is MISSING else n for e, n in zip(earlier, column, strict=True)]
        copy = self._copy(self._columns, changes)
        copy._decoded = {name: column for name, column in self._decoded.items() if name not in new}
        return copy


class _Removed:
    __slots__ = ()


_REMOVED: Final = _Removed()


def _check_columns(columns: Mapping[str, Sequence[Any]], rows: int) -> None:
    if not _ALL_COLUMNS.issuperset(columns):
        unknown = [name for name in columns if name not in _ALL_COLUMNS]
        raise ValueError(f"A batch has no column {unknown[0]!r}; optional ones are {', '.join(OPTIONAL_COLUMNS)}.")
    _check_lengths(columns, rows)


def _check_lengths(columns: Mapping[str, Sequence[Any]], rows: int) -> None:
    for name, column in columns.items():
        if len(column) != rows:
            raise ValueError(f"Column {name!r} has {len(column)} values, the batch has {rows} rows.")


def _where(column: Sequence[Any], where: Mask | None) -> Sequence[Any]:
    if where is None:
        return column
    return [value if chosen else MISSING for value, chosen in zip(column, where.tolist(), strict=True)]


def _overlay(column: Sequence[Json], change: Sequence[Any]) -> Sequence[Json]:
    return [old if new is MISSING else None if new is _REMOVED else new for old, new in zip(column, change, strict=True)]


@lru_cache(maxsize=512)
def _decoder(names: tuple[str, ...]) -> Callable[[bytes], list[tuple[Json, ...]]]:
    """Build a decoder of `[{…}, {…}]` that reads only the named members and skips the rest at C speed."""
    fields: list[tuple[str, Any, Any]] = [(f"f{position}", Any, msgspec.field(name=name, default=None)) for position, name in enumerate(names)]
    row_type: Any = msgspec.defstruct("Row", fields, gc=False)
    decode = msgspec.json.Decoder(list[row_type]).decode
    attributes = [f"f{position}" for position in range(len(names))]

    def rows(text: bytes) -> list[tuple[Json, ...]]:
        return [tuple([getattr(row, attribute) for attribute in attributes]) for row in decode(text)]

    return rows


def _decode_properties(properties: Sequence[bytes], names: Sequence[str]) -> list[Sequence[Json]]:
    if not properties:
        return [[] for _ in names]
    text = b",".join(properties)
    if not any(msgspec.json.encode(name) in text for name in names) and b"\\" not in text:  # with a backslash a name may be spelt otherwise
        return [[None] * len(properties) for _ in names]
    rows = _decoder(tuple(names))(b"[" + text + b"]")
    return list(zip(*rows, strict=True))


def _merge(properties: Sequence[bytes], changes: Mapping[str, Sequence[Any]]) -> list[bytes]:
    """Write changes into the JSON texts: spliced in at the end where the names are new, by a round trip where one may be there."""
    encode = msgspec.json.encode
    names = list(changes)
    keys = [encode(name) for name in names]
    merged: list[bytes] = []
    for text, values in zip(properties, zip(*changes.values(), strict=True), strict=True):
        present = [(name, key, value) for name, key, value in zip(names, keys, values, strict=True) if value is not MISSING]
        if not present:
            merged.append(text)
        elif b"\\" not in text and not any(key in text for _, key, _ in present):
            added = b",".join(key + b":" + encode(value) for _, key, value in present if value is not _REMOVED)
            merged.append(_splice(text, added) if added else text)
        else:  # the name stands in the text, perhaps only within a value, or may be spelt with escapes
            document = msgspec.json.decode(text)
            for name, _, value in present:
                if value is _REMOVED:
                    document.pop(name, None)
                else:
                    document[name] = value
            merged.append(encode(document))
    return merged


def _splice(text: bytes, members: bytes) -> bytes:
    head = text.rstrip()[:-1].rstrip()
    return head + (b"" if head.endswith(b"{") else b",") + members + b"}"
