"""What a plugin's code is given at run time: its settings, services, and what others contributed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from jackfield_sdk.extension import HookPoint

T = TypeVar("T")
SettingValue: TypeAlias = bool | int | float | str | Path | None


class Context(Protocol):
    """Handed to every `build`. One per plugin and process; safe to keep and to share between threads."""

    @property
    def plugin(self) -> str:
        """Name of the plugin that this context belongs to."""
        ...

    @property
    def settings(self) -> Mapping[str, SettingValue]:
        """The plugin's own settings of scope "instance", by name."""
        ...

    def project_settings(self, project_id: int) -> Mapping[str, SettingValue]:
        """Return the plugin's own settings of scope "project" for one project. Cached; at most a second old."""
        ...

    def require(self, service: type[T]) -> T:
        """Return the service of a type.

        Raises:
            Misconfigured: nobody provides it. List it in `PluginMeta.requires` to learn that at boot.
        """
        ...

    def find(self, service: type[T]) -> T | None:
        """Return the service of a type, or None while no plugin provides it."""
        ...

    def contributions(self, point: HookPoint[T]) -> Sequence[T]:
        """Return what plugins added to an extension point, in the order of the plugins."""
        ...
