"""Keeps persons up to date with what events say of them. For persons that are known and do not change, which are nearly all, it runs no statement."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from jackfield_persons.identify import PERSONLESS
from jackfield_persons.known import SETTLED_PER_PERSON, KnownPersons
from jackfield_persons.person_copies import copy_persons, storable_moment
from jackfield_persons.person_keys import ABSENT, PersonKeys, PersonKeysReader, Update, fingerprints, read_update
from jackfield_persons.person_rows import NewDistinctId, PersonRow, PersonRows
from jackfield_persons.updates import MAX_PROPERTIES_BYTES, NEVER_UPDATING, apply_update, canonical
from jackfield_sdk import Context, Database, JsonObject, TableWriter
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.identity import NIL_UUID

logger = logging.getLogger(__name__)


def write_persons(context: Context) -> Callable[[EventBatch, str], None]:
    """Build the sink."""
    return PersonSink(PersonRows(context.require(Database)), context.require(TableWriter), context.require(PersonKeysReader)).write


class PersonSink:
    """The sink of one engine, which alone writes persons."""

    def __init__(self, rows: PersonRows, tables: TableWriter, reader: PersonKeysReader, known: KnownPersons | None = None) -> None:
        """Begin with persons that are known already, by default with none."""
        self._rows = rows
        self._tables = tables
        self._reader = reader
        self._known = KnownPersons() if known is None else known

    def write(self, batch: EventBatch, token: str) -> None:
        """Create missing persons and apply what events change, in their order.

        The copy in the event store goes first, so whatever the metadata database holds is copied. When the process dies in between, the same
        events meet the same persons again and make the same versions.
        """
        persons = batch.person_id
        unknown = self._known.unknown(_mentioned(batch))
        keys = self._reader.take(batch.properties)
        rows = _changing_rows(batch, keys)
        marks = fingerprints([keys[row] for row in rows])
        settled = self._known.settled
        unsettled = {persons[row] for row, mark in zip(rows, marks, strict=True) if mark not in settled(persons[row])}
        if not unknown and not unsettled:
            return
        histories = _histories(batch, unknown | unsettled)
        for row, mark in zip(rows, marks, strict=True):
            history = histories.get(persons[row])
            if history is not None:
                history.changes.append((mark, keys[row]))
        outcome = self._look_at(batch, histories)
        if outcome.persons:
            copy_persons(self._tables, outcome.persons, outcome.distinct_ids, token)
            self._rows.save(outcome.persons, outcome.distinct_ids)
        self._known.remember(outcome.settled)

    def _look_at(self, batch: EventBatch, histories: "dict[str, _History]") -> "_Outcome":
        outcome = _Outcome(self._known)
        for before in self._rows.load([person for person, history in histories.items() if history.changes]):
            outcome.change(before, histories.pop(before.id))
        existing = self._rows.existing([person for person, history in histories.items() if not history.changes])
        for person, history in histories.items():
            if person in existing:
                outcome.settled[person] = ()
            else:
                outcome.create(batch, person, history)
        return outcome


@dataclass(slots=True)
class _History:
    """What a batch says of one person.

    Args:
        row: its first event.
        changes: what may change it, in order, by fingerprint; the same may stand there more than once.
    """

    row: int
    changes: list[tuple[int, PersonKeys]] = field(default_factory=list)


class _Outcome:
    """What is to be written, and what is known once it is."""

    def __init__(self, known: KnownPersons) -> None:
        self._known = known
        self._updates: dict[int, Update] = {}
        self.persons: list[PersonRow] = []
        self.distinct_ids: list[NewDistinctId] = []
        self.settled: dict[str, Iterable[int]] = {}

    def create(self, batch: EventBatch, person: str, history: _History) -> None:
        """Make a person as of its first event."""
        row = history.row
        project_id = batch.project_id[row]
        properties = self._applied(person, {}, history)
        created_at = storable_moment(batch.timestamp[row])
        self.persons.append(PersonRow(id=person, project_id=project_id, created_at=created_at, properties=properties, is_identified=False, version=1))
        self.distinct_ids.append(NewDistinctId(project_id=project_id, distinct_id=batch.distinct_id[row], person_id=person))
        self.settled[person] = self._settling(properties, history)

    def change(self, before: PersonRow, history: _History) -> None:
        """Change a person, if anything differs in the end."""
        properties = self._applied(before.id, before.properties, history)
        settled = self._settling(properties, history)
        if canonical(properties) == canonical(before.properties):
            self.settled[before.id] = [*self._known.settled(before.id), *settled]
        else:
            self.persons.append(replace(before, properties=properties, version=before.version + 1))
            self.settled[before.id] = settled

    def _applied(self, person: str, before: JsonObject, history: _History) -> JsonObject:
        properties = dict(before)
        for mark, keys in history.changes:
            apply_update(properties, self._update(mark, keys))
        if len(canonical(properties)) <= MAX_PROPERTIES_BYTES:
            return properties
        # One of the changes is too much: only that one is left out, so that it does not matter how batches were cut.
        properties = dict(before)
        for mark, keys in history.changes:
            changed = dict(properties)
            apply_update(changed, self._update(mark, keys))
            size = len(canonical(changed))
            if size > MAX_PROPERTIES_BYTES:
                logger.warning(
                    "a change of person %s is left out: its properties would take %d bytes, the limit is %d", person, size, MAX_PROPERTIES_BYTES
                )
            else:
                properties = changed
        return properties

    def _settling(self, properties: JsonObject, history: _History) -> list[int]:
        """Return those of the last changes that would do nothing now, the latest last."""
        text = canonical(properties)
        latest = list(dict(reversed(history.changes)).items())[:SETTLED_PER_PERSON]
        settled: list[int] = []
        for mark, keys in reversed(latest):
            again = dict(properties)
            apply_update(again, self._update(mark, keys))
            if canonical(again) == text:
                settled.append(mark)
        return settled

    def _update(self, mark: int, keys: PersonKeys) -> Update:
        known = self._updates.get(mark)
        if known is None:
            known = self._updates[mark] = read_update(keys)
        return known


def _mentioned(batch: EventBatch) -> set[str]:
    """Return the persons that must exist."""
    if batch.has_column("person_mode"):
        found = {person for person, mode in zip(batch.person_id, batch.column("person_mode"), strict=True) if mode != PERSONLESS}
    else:
        found = set(batch.person_id)
    found.discard(NIL_UUID)
    return found


def _changing_rows(batch: EventBatch, keys: Sequence[PersonKeys]) -> list[int]:
    """Return the rows of events that may change their person."""
    rows = [row for row, said in enumerate(keys) if said.set is not ABSENT or said.set_once is not ABSENT or said.unset is not ABSENT]
    if not rows:
        return rows
    events, modes, persons = batch.event, batch.column("person_mode"), batch.person_id
    return [row for row in rows if events[row] not in NEVER_UPDATING and modes[row] != PERSONLESS and persons[row] != NIL_UUID]


def _histories(batch: EventBatch, persons: set[str]) -> dict[str, _History]:
    """Begin a history for each person with its first event that is not personless."""
    histories: dict[str, _History] = {}
    for row, (person, mode) in enumerate(zip(batch.person_id, batch.column("person_mode"), strict=True)):
        if person in persons and person not in histories and mode != PERSONLESS:
            histories[person] = _History(row)
    return histories
