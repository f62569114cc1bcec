"""Tables of persons in the metadata database. The engine writes them through `person_rows`; here is their shape, and what the API reads."""

from django.db import models

from jackfield_sdk.django import ProjectKey, ProjectModel


class Person(ProjectModel):
    """Somebody who does things. `id` follows from project and distinct_id."""

    project_id = ProjectKey(db_index=False)  # the index below begins with it
    created_at = models.DateTimeField()
    properties = models.JSONField(default=dict)
    is_identified = models.BooleanField(default=False)
    version = models.BigIntegerField(default=1)

    class Meta(ProjectModel.Meta):
        indexes = (models.Index(fields=["project_id", "created_at", "id"], name="persons_person_newest"),)


class DistinctId(ProjectModel):
    """What a sender calls a person. `id` is the person that the name stands for by itself; `person` is whose it is."""

    project_id = ProjectKey(db_index=False)  # the index below begins with it
    distinct_id = models.TextField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="distinct_ids")

    class Meta(ProjectModel.Meta):
        indexes = (models.Index(fields=["project_id", "distinct_id"], name="persons_distinctid_name"),)
