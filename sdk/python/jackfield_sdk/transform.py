"""Steps that events pass through between the log and the tables."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from jackfield_sdk.batch import EventBatch
    from jackfield_sdk.context import Context

Apply: TypeAlias = "Callable[[EventBatch], EventBatch]"


class Stage(IntEnum):
    """Where in the pipeline a step stands; stages run in this order."""

    CLEAN = 1
    ENRICH = 2
    TRANSFORM = 3
    IDENTIFY = 4
    ROUTE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    """A step of the pipeline.

    `build(context)` runs once per worker and returns `apply`, which then gets every batch of its lane. `apply` keeps the order of
    events and may not change `uuid` or `project_id`; the host checks both.

    Args:
        on_error: what happens to an event on which the step raises. In IDENTIFY never "pass".
    """

    name: str
    stage: Stage
    build: "Callable[[Context], Apply]"
    order: int = 500
    lane: str = "events"
    on_error: Literal["pass", "drop", "dead_letter"] = "pass"
