"""Building blocks for plugins' Django models. Import it in models and migrations only."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models

from jackfield_sdk.identity import uuid7

M = TypeVar("M", bound=models.Model, covariant=True)

if TYPE_CHECKING:
    _Integers = models.BigIntegerField[int, int]
else:  # Django's fields are generic for type checkers only
    _Integers = models.BigIntegerField


class ProjectKey(_Integers):
    """The number of the project that a row belongs to: indexed, and no foreign key, for no constraint leaves a plugin."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"db_index": True, **kwargs})  # type: ignore[arg-type]

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, arguments, keywords = super().deconstruct()
        keywords.setdefault("db_index", False)  # Django leaves out what is its own default, which is not ours
        return name, path, arguments, keywords


class ProjectManager(models.Manager[M]):
    """Gives rows of one project; without a project it refuses."""

    def of(self, project_id: int) -> models.QuerySet[M]:
        """Return the rows of a project."""
        return super().get_queryset().filter(project_id=project_id)

    def get_queryset(self) -> models.QuerySet[M]:
        raise TypeError(f"Rows of {self.model.__name__} belong to projects: write {self.model.__name__}.objects.of(project_id).")


class ProjectModel(models.Model):
    """A row of a project. Read with `Model.objects.of(project_id)`; `Model.every_project` is for jobs that tend all of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project_id = ProjectKey()

    objects: ClassVar[ProjectManager[Self]] = ProjectManager()
    every_project: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        default_manager_name = "every_project"
