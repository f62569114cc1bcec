"""Keeps persons up to date with what events say of them. For persons that are known and do not change, which are nearly all, it runs no statement."""

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from jackfield_persons.identify import PERSONLESS
from jackfield_persons.known import KnownPersons
from jackfield_persons.person_copies import copy_persons, storable_moment
from jackfield_persons.person_keys import ABSENT, PersonKeys, PersonKeysReader, Update, fingerprint, read_update
from jackfield_persons.person_rows import DistinctIdRow, PersonRow, PersonRows
from jackfield_persons.updates import MAX_PROPERTIES_BYTES, NEVER_UPDATING, apply_update, canonical
from jackfield_sdk import Context, Database, JsonObject, TableWriter
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.identity import NIL_UUID

logger = logging.getLogger(__name__)


def write_persons(context: Context) -> Callable[[EventBatch, str], None]:
    """Build the sink."""
    return PersonSink(PersonRows(context.require(Database)), context.require(TableWriter), context.require(PersonKeysReader)).write


@dataclass(slots=True)
class _History:
    """What a batch says of one person that has to be looked at.

    Args:
        row: the first event of the person.
        updates: what changes it, by fingerprint and in order; the same one may stand there more than once.
    """

    row: int
    updates: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Outcome:
    """What came of it for all persons that were looked at."""

    persons: list[PersonRow] = field(default_factory=list)
    distinct_ids: list[DistinctIdRow] = field(default_factory=list)
    settled: dict[str, Sequence[int]] = field(default_factory=dict)


class PersonSink:
    """The sink of one engine, the only one that writes persons."""

    def __init__(self, rows: PersonRows, tables: TableWriter, reader: PersonKeysReader, known: KnownPersons | None = None) -> None:
        self._rows = rows
        self._tables = tables
        self._reader = reader
        self._known = known or KnownPersons()

    def write(self, batch: EventBatch, token: str) -> None:
        """Create missing persons and apply what events change, in their order.

        The copy in the event store goes first: what the metadata database holds is known to be copied. After a crash in between, the same
        events meet the same persons and make the same versions again.
        """
        persons = batch.person_id
        mentioned = set(persons) if not batch.has_column("person_mode") else _with_person(batch)
        mentioned.discard(NIL_UUID)
        unknown = self._known.unknown(mentioned)
        keys = self._reader.take(batch.properties)
        rows = [row for row, said in enumerate(keys) if said.set is not ABSENT or said.set_once is not ABSENT or said.unset is not ABSENT]
        if rows:
            events = batch.event
            rows = [row for row in rows if persons[row] in mentioned and events[row] not in NEVER_UPDATING]
        prints = [fingerprint(keys[row]) for row in rows]
        settled = self._known.settled
        changing = {persons[row] for row, print_ in zip(rows, prints, strict=True) if print_ not in settled(persons[row])}
        if not unknown and not changing:
            return
        histories = _histories(batch, unknown | changing)
        for row, print_ in zip(rows, prints, strict=True):
            history = histories.get(persons[row])
            if history is not None:
                history.updates.append(print_)
        said_first: dict[int, PersonKeys] = {}
        for row, print_ in zip(rows, prints, strict=True):
            said_first.setdefault(print_, keys[row])
        outcome = self._outcome(batch, histories, said_first)
        if outcome.persons:
            copy_persons(self._tables, outcome.persons, outcome.distinct_ids, token)
            self._rows.save(outcome.persons, outcome.distinct_ids)
        self._known.remember(outcome.settled)
