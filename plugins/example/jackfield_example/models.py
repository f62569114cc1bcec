"""What is kept in the metadata database: small rows that change. Entries themselves are in the event store."""

from typing import ClassVar

from django.db import models

from jackfield_sdk.django import ProjectModel


class Thanks(ProjectModel):
    """What a guest was answered."""

    entry = models.UUIDField()
    text = models.TextField()
    given_at = models.DateTimeField(db_index=True)

    class Meta(ProjectModel.Meta):
        db_table = "example_thanks"
        constraints: ClassVar = [models.UniqueConstraint(fields=["project_id", "entry"], name="example_thanks_once")]
