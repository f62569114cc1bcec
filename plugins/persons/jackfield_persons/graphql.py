"""What `persons` adds to the API: persons of a project, and who did an event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from jackfield_persons import models
from jackfield_sdk import Json, ProjectInfo, Refused
from jackfield_sdk.graphql import (
    ConnectionPage,
    Deferred,
    Field,
    Info,
    JsonValue,
    Loader,
    Node,
    String,
    Type,
    after_key,
    connection,
    extend,
    list_of,
    page_of,
)

VIEW = "persons.person.view"

PersonKey = tuple[int, UUID]
"""Project and person."""


class PersonByKey(Loader[PersonKey, models.Person]):
    """Persons; one statement for all of a request's."""

    def fetch(self, keys: Sequence[PersonKey]) -> Mapping[PersonKey, models.Person]:
        rows = models.Person.every_project.filter(id__in={person for _, person in keys})
        return {(row.project_id, row.id): row for row in rows}


class DistinctIdsOf(Loader[PersonKey, Sequence[str]]):
    """What persons are called."""

    def fetch(self, keys: Sequence[PersonKey]) -> Mapping[PersonKey, Sequence[str]]:
        found: dict[PersonKey, list[str]] = {}
        rows = models.DistinctId.every_project.filter(person_id__in={person for _, person in keys}).order_by("id")
        for project_id, person_id, distinct_id in rows.values_list("project_id", "person_id", "distinct_id"):
            found.setdefault((project_id, person_id), []).append(distinct_id)
        return found


class Person(Type):
    """Somebody who does things."""

    class Meta:
        permission = VIEW
        interfaces = (Node,)

    uuid = Field(String, description="Its id: `personId` of events.")
    distinct_ids = Field(list_of(String), description="What senders call it.")
    properties = Field(JsonValue, description="What is known of it now.")
    created_at = Field(String, description="When its first event happened: ISO 8601, UTC.")

    @staticmethod
    def resolve_uuid(person: models.Person, _info: Info) -> str:
        return str(person.id)

    @staticmethod
    async def resolve_distinct_ids(person: models.Person, info: Info) -> Sequence[str]:
        return await info.context.loader(DistinctIdsOf).load((person.project_id, person.id)) or ()

    @staticmethod
    def resolve_created_at(person: models.Person, _info: Info) -> str:
        return person.created_at.isoformat(timespec="microseconds").replace("+00:00", "Z")

    @staticmethod
    def get_node(key: str, info: Info) -> Deferred[models.Person] | None:
        try:
            person_id = UUID(key)
        except ValueError:
            return None
        return info.context.loader(PersonByKey).load((info.context.project.id, person_id))


class EventFields:
    """What `persons` adds to `Event`."""

    person = Field(Person, description="Who did it; null for events that were sent without a person.", permission=VIEW, required=False)

    @staticmethod
    def resolve_person(event: Mapping[str, Json], info: Info) -> Deferred[models.Person]:
        return info.context.loader(PersonByKey).load((info.context.project.id, UUID(str(event["person_id"]))))


class ProjectFields:
    """What `persons` adds to `Project`."""

    persons = connection(
        Person,
        description="Persons, the newest first.",
        permission=VIEW,
        search=String(description="Only persons with this text in a distinct_id, or in their properties `email` or `name`."),
    )

    @staticmethod
    def resolve_persons(
        project: ProjectInfo, _info: Info, first: int, after: str | None = None, search: str | None = None
    ) -> ConnectionPage[models.Person]:
        rows = models.Person.objects.of(project.id)
        if search:
            rows = rows.filter(_matches(search))
        key = after_key(after)
        if key is not None:
            rows = rows.filter(_older_than(key))
        found = list(rows.order_by("-created_at", "-id")[: first + 1])
        return page_of(found, first, lambda row: f"{row.created_at.isoformat()}|{row.id}")


def _matches(search: str) -> Q:
    named: QuerySet[models.DistinctId] = models.DistinctId.every_project.filter(person_id=OuterRef("id"), distinct_id__icontains=search)
    return Q(Exists(named)) | Q(properties__email__icontains=search) | Q(properties__name__icontains=search)


def _older_than(key: str) -> Q:
    moment, _, person = key.partition("|")
    try:
        created_at, person_id = datetime.fromisoformat(moment), UUID(person)
    except ValueError as problem:
        raise Refused("This `after` is no cursor of persons; give the `endCursor` of the page before.") from problem
    return Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=person_id)


PARTS = (extend("Event", EventFields), extend("Project", ProjectFields))
