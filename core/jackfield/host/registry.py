"""Collects contributions with the name of their plugin, and holds them frozen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import pluggy

from jackfield.errors import PluginProblem
from jackfield.host.discovery import Broken, Discovery, Plugin
from jackfield_sdk import (
    CaptureEndpoint,
    ClickHouseStep,
    DjangoApp,
    Extension,
    Frontend,
    GraphQLPart,
    HotRoute,
    Job,
    Permission,
    PluginMeta,
    PromotedProperty,
    QueryKind,
    Schedule,
    Service,
    Setting,
    Sink,
    Subscriber,
    Transformer,
    VirtualField,
    VirtualTable,
)
from jackfield_sdk.hookspecs import HOOK_GROUPS

T = TypeVar("T")

CORE = "core"
"""Name under which core's own contributions go through the same hooks."""

HOOKS: Mapping[str, tuple[type, ...]] = {
    "register_settings": (Setting,),
    "register_django_apps": (DjangoApp,),
    "register_services": (Service,),
    "register_permissions": (Permission,),
    "register_extensions": (Extension,),
    "register_capture_endpoints": (CaptureEndpoint,),
    "register_hot_routes": (HotRoute,),
    "register_transformers": (Transformer,),
    "register_clickhouse": (ClickHouseStep,),
    "register_promoted_properties": (PromotedProperty,),
    "register_sinks": (Sink,),
    "register_subscribers": (Subscriber,),
    "register_query_kinds": (QueryKind,),
    "register_virtual_tables": (VirtualTable,),
    "register_virtual_fields": (VirtualField,),
    "register_graphql": (GraphQLPart,),
    "register_jobs": (Job, Schedule),
    "register_frontend": (Frontend,),
}
"""What each hook returns a sequence of."""

WHILE_DISABLED = ("register_django_apps",)
"""Hooks that are asked of disabled plugins too."""


@dataclass(frozen=True, slots=True)
class Contributed(Generic[T]):
    """A contribution and whose it is."""

    plugin: str
    value: T


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that plugins handed over, in their order. Nothing is added after boot."""

    plugins: tuple[Plugin, ...]
    metas: Mapping[str, PluginMeta]
    contributions: Mapping[type, tuple[Contributed[Any], ...]]
    broken: tuple[Broken, ...] = ()

    def of(self, kind: type[T]) -> tuple[Contributed[T], ...]:
        """Return all contributions of a type."""
        return self.contributions.get(kind, ())

    def by(self, plugin: str) -> Iterable[tuple[type, object]]:
        """Yield type and value of each contribution of one plugin."""
        for kind, contributed in self.contributions.items():
            for item in contributed:
                if item.plugin == plugin:
                    yield kind, item.value


def build_registry(discovery: Discovery, *, rescue: bool = False, environment: Mapping[str, str] | None = None) -> Registry:
    """Ask every plugin for its contributions, validate them together, and freeze the result.

    A disabled plugin never keeps others from starting: one that is broken is left out, and said to be in `Registry.broken`.

    Args:
        rescue: leave broken plugins out as well, instead of refusing to start.
        environment: where settings come from; they are not looked at if left out.

    Raises:
        PluginProblem: a plugin is broken or two are in conflict; the message names them and the way out.
    """
    from jackfield.host.validation import read_settings, validate

    plugins = list(discovery.plugins)
    broken = list(discovery.broken)
    in_the_way = [one for one in broken if one.enabled and not rescue]
    if in_the_way:
        first = in_the_way[0]
        raise PluginProblem([first.name], f"Plugin {first.name!r} cannot be loaded: {first.reason}. {way_out(first.name)}")
    while True:
        try:
            registry = _collect(plugins)
            validate(registry)
            if environment is not None:
                read_settings(registry, environment)
        except PluginProblem as problem:
            culprit = problem.plugins[-1]
            enabled = any(plugin.enabled for plugin in plugins if plugin.name == culprit)
            if culprit == CORE or (enabled and not rescue):
                raise
            broken.append(Broken(culprit, str(problem), enabled))
            plugins = [plugin for plugin in plugins if plugin.name != culprit]
        else:
            return Registry(registry.plugins, registry.metas, registry.contributions, tuple(broken))


def way_out(plugin: str) -> str:
    """Say what to do about a plugin that does not work."""
    return f"Repair or uninstall it, or start with JACKFIELD_PLUGINS_DISABLED={plugin} or JACKFIELD_RESCUE=1."


def _collect(plugins: Sequence[Plugin]) -> Registry:
    manager = pluggy.PluginManager("jackfield")
    for group in HOOK_GROUPS:
        manager.add_hookspecs(group)
    for plugin in plugins:
        try:
            manager.register(plugin.module, plugin.name)
            manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as problem:
            raise PluginProblem(
                [plugin.name], f"Plugin {plugin.name!r} does not fit this version's hooks: {problem}. {way_out(plugin.name)}"
            ) from problem
    metas = {plugin.name: _meta(manager, plugin) for plugin in plugins}
    ordered = _in_order(plugins, manager, metas)
    contributions: dict[type, list[Contributed[Any]]] = {}
    for hook_name, kinds in HOOKS.items():
        implementations = {impl.plugin_name: impl for impl in getattr(manager.hook, hook_name).get_hookimpls()}
        for plugin in ordered:
            implementation = implementations.get(plugin.name)
            if implementation is None or not (plugin.enabled or hook_name in WHILE_DISABLED):
                continue
            for value in _ask(implementation, hook_name, kinds):
                contributions.setdefault(type(value), []).append(Contributed(plugin.name, value))
    return Registry(tuple(ordered), metas, {kind: tuple(items) for kind, items in contributions.items()})


def _ask(implementation: pluggy.HookImpl, hook_name: str, kinds: tuple[type, ...]) -> Sequence[Any]:
    plugin = implementation.plugin_name
    try:
        values: list[Any] = list(cast("Iterable[Any]", implementation.function()))
    except (Exception, SystemExit) as problem:
        raise PluginProblem([plugin], f"{hook_name} of plugin {plugin!r} failed: {type(problem).__name__}: {problem}. {way_out(plugin)}") from problem
    for value in values:
        if type(value) not in kinds:
            expected = " or ".join(kind.__name__ for kind in kinds)
            raise PluginProblem(
                [plugin],
                f"{hook_name} of plugin {plugin!r} returned a {type(value).__name__}; it must return a sequence of {expected}. {way_out(plugin)}",
            )
    return values


def _meta(manager: pluggy.PluginManager, plugin: Plugin) -> PluginMeta:
    for implementation in manager.hook.plugin_meta.get_hookimpls():
        if implementation.plugin_name == plugin.name:
            try:
                meta = implementation.function()
            except (Exception, SystemExit) as problem:
                raise PluginProblem([plugin.name], f"plugin_meta of {plugin.name!r} failed: {problem}. {way_out(plugin.name)}") from problem
            if not isinstance(meta, PluginMeta) or meta.name != plugin.name:
                raise PluginProblem(
                    [plugin.name], f"plugin_meta of {plugin.name!r} must return a PluginMeta with name={plugin.name!r}, the name of its entry point."
                )
            return meta
    raise PluginProblem([plugin.name], f"Plugin {plugin.name!r} has no plugin_meta hook. {way_out(plugin.name)}")


def _in_order(plugins: Sequence[Plugin], manager: pluggy.PluginManager, metas: Mapping[str, PluginMeta]) -> list[Plugin]:
    """Sort by name, each plugin after those whose services it requires; core is first."""
    provider: dict[type, str] = {}
    by_name = {plugin.name: plugin for plugin in plugins}
    for implementation in manager.hook.register_services.get_hookimpls():
        if by_name[implementation.plugin_name].enabled:
            for service in _ask(implementation, "register_services", HOOKS["register_services"]):
                provider[service.protocol] = implementation.plugin_name
    ordered: dict[str, Plugin] = {}

    def place(name: str, trail: tuple[str, ...]) -> None:
        if name in ordered:
            return
        if name in trail:
            raise PluginProblem([name], f"Plugins require one another in a circle: {' → '.join((*trail, name))}.")
        for service in metas[name].requires:
            if service in provider and provider[service] != name:
                place(provider[service], (*trail, name))
        ordered[name] = by_name[name]

    for name in sorted(by_name, key=lambda name: (name != CORE, name)):
        place(name, ())
    return list(ordered.values())
