"""The rights that core's own fields demand. Light at import: every process collects them."""

from collections.abc import Sequence
from typing import Final

from jackfield_sdk import Permission

CORE_PERMISSIONS: Final[Sequence[Permission]] = (
    Permission(name="core.project.view", summary="See a project's name, time zone and token."),
    Permission(name="core.event.view", summary="See a project's events."),
)
