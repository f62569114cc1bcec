"""The running host: a registry of contributions, and a context for each plugin."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from jackfield.errors import PluginProblem
from jackfield.host.registry import CORE, Registry, way_out
from jackfield.host.validation import read_settings
from jackfield_sdk import Context, Extension, HookPoint, Misconfigured, Retryable, Service, SettingValue

T = TypeVar("T")
ProjectSettings = Callable[[str, int], Mapping[str, SettingValue]]


class Host:
    """Holds the registry and builds services when they are first asked for. One per process."""

    def __init__(self, registry: Registry, *, environment: Mapping[str, str] | None = None) -> None:
        """Read the instance settings of all plugins.

        Args:
            environment: where settings come from; the process's own if left out.

        Raises:
            PluginProblem: a required setting is missing or a value does not convert.
        """
        self.registry = registry
        self.project_settings: ProjectSettings = lambda _plugin, _project_id: {}
        self._settings = read_settings(registry, os.environ if environment is None else environment)
        self._providers = {item.value.protocol: item for item in registry.of(Service)}
        self._services: dict[type, Any] = {}
        self._per_plugin: dict[type, Callable[[str], Any]] = {}
        self._contexts: dict[str, PluginContext] = {}
        self._lock = threading.RLock()

    def context(self, plugin: str) -> Context:
        """Return the context of a plugin."""
        with self._lock:
            return self._contexts.setdefault(plugin, PluginContext(self, plugin, self._settings.get(plugin, {})))

    def build(self, plugin: str, what: str, make: Callable[[Context], T]) -> T:
        """Build what a plugin contributed.

        Raises:
            PluginProblem: that failed; the message names plugin and contribution.
            Retryable: it may succeed later.
        """
        try:
            return make(self.context(plugin))
        except (PluginProblem, Retryable):
            raise
        except (Exception, SystemExit) as problem:
            reason = f"{type(problem).__name__}: {problem}"
            raise PluginProblem([plugin], f"{what} of plugin {plugin!r} cannot be built: {reason}. {way_out(plugin)}") from problem

    def provide(self, protocol: type[T], service: T) -> None:
        """Provide one of core's services, ready made, in this process."""
        self._services[protocol] = service

    def provide_each(self, protocol: type[T], build: Callable[[str], T]) -> None:
        """Provide one of core's services with an instance per plugin, made from the plugin's name."""
        self._per_plugin[protocol] = build

    def find(self, service: type[T], *, plugin: str = CORE) -> T | None:
        """Return a service, building it if this is the first time; None when nobody provides it."""
        with self._lock:
            if service in self._per_plugin:
                return cast("T", self._per_plugin[service](plugin))
            found = self._services.get(service)
            if found is None:
                provider = self._providers.get(service)
                if provider is None:
                    return None
                found = self._services[service] = self.build(provider.plugin, f"Service {service.__name__}", provider.value.build)
            return cast("T", found)

    def require(self, service: type[T], *, plugin: str = CORE) -> T:
        """Return a service.

        Raises:
            Misconfigured: nobody provides it in this process.
        """
        found = self.find(service, plugin=plugin)
        if found is None:
            raise Misconfigured(f"No enabled plugin provides the service {service.__name__} in this process.")
        return found


class PluginContext:
    """What one plugin sees of the host; implements the SDK's `Context`."""

    def __init__(self, host: Host, plugin: str, settings: Mapping[str, SettingValue]) -> None:
        self._host = host
        self.plugin = plugin
        self.settings = settings

    def project_settings(self, project_id: int) -> Mapping[str, SettingValue]:
        return self._host.project_settings(self.plugin, project_id)

    def require(self, service: type[T]) -> T:
        return self._host.require(service, plugin=self.plugin)

    def find(self, service: type[T]) -> T | None:
        return self._host.find(service, plugin=self.plugin)

    def contributions(self, point: HookPoint[T]) -> Sequence[T]:
        return [item.value.value for item in self._host.registry.of(Extension) if item.value.point is point]
