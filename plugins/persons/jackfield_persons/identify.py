"""Says whose each event is: the step in IDENTIFY. Asks no database, for until two persons are merged an id alone tells its person."""

from typing import Final

import numpy as np

from jackfield_persons.person_keys import PERSON_KEYS, PersonKeysReader
from jackfield_sdk import Context
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.identity import person_uuid
from jackfield_sdk.transform import Apply

PERSONLESS: Final = "propertyless"
"""Mode of events that have a person's id but no person."""

MAX_REMEMBERED_IDS: Final = 250_000
"""Derived ids to remember: about 60 MB; deriving one takes 1 µs, twenty times as long."""

ABOUT_PERSONS: Final = frozenset({"$identify", "$create_alias", "$merge_dangerously", "$groupidentify"})
"""Events that mean nothing without a person."""

CONTRADICTION: Final = "says that no person be processed ($process_person_profile is false), but is about a person"


def identify_events(context: Context) -> Apply:
    """Build the step."""
    reader = context.require(PersonKeysReader)
    persons = PersonIds()

    def apply(batch: EventBatch) -> EventBatch:
        persons.forget_if_many()
        keys = reader.read(batch.properties)
        batch = batch.with_columns(person_id=[persons[project][name] for project, name in zip(batch.project_id, batch.distinct_id, strict=True)])
        personless = [said.process_person_profile is False for said in keys]
        if True not in personless:
            return batch
        stripped = np.array([out and said.change_person() for out, said in zip(personless, keys, strict=True)])
        if stripped.any():
            batch = batch.without_properties(PERSON_KEYS, where=stripped)
        batch = batch.with_columns(person_mode=[PERSONLESS if out else "full" for out in personless])
        contradicting = [out and name in ABOUT_PERSONS for out, name in zip(personless, batch.event, strict=True)]
        return batch.drop(np.array(contradicting), CONTRADICTION)

    return apply


class PersonIds(dict[int, "ProjectPersonIds"]):
    """Ids of persons by project, then distinct_id; derived when first asked for."""

    def __missing__(self, project_id: int) -> "ProjectPersonIds":
        self[project_id] = made = ProjectPersonIds(project_id)
        return made

    def forget_if_many(self) -> None:
        """Start anew when too much is remembered."""
        if sum(map(len, self.values())) > MAX_REMEMBERED_IDS:
            self.clear()


class ProjectPersonIds(dict[str, str]):
    """Ids of one project's persons by distinct_id."""

    def __init__(self, project_id: int) -> None:
        super().__init__()
        self._project_id = project_id

    def __missing__(self, distinct_id: str) -> str:
        self[distinct_id] = made = person_uuid(self._project_id, distinct_id)
        return made
