"""What a plugin says of itself, and small contributions that need no file of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

# Roles of a project, from the one that may do everything to the one that may look.
Role: TypeAlias = Literal["owner", "admin", "editor", "viewer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginMeta:
    """A plugin's card.

    Args:
        name: as in its distribution, `jackfield-<name>`; prefix of its tables, settings and permissions.
        api: versions of the SDK that it works with.
        requires: services without which it cannot run.
        uses: services that it uses if somebody provides them.
    """

    name: str
    summary: str
    api: str
    requires: Sequence[type] = ()
    uses: Sequence[type] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DjangoApp:
    """A Django app with the plugin's models, by the dotted path of its AppConfig. Its tables are named `<plugin>_<noun>`."""

    config: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A right that fields can demand: `<plugin>.<resource>.<action>`.

    Args:
        role: the least role that has it.
    """

    name: str
    summary: str
    role: Role = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLPart:
    """Types and fields for the API.

    Args:
        build: called once, after Django is ready, where `jackfield_sdk.graphql` may be imported; returns what `extend` made.
    """

    name: str
    build: "Callable[[], Sequence[object]]"
