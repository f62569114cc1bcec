"""Refuses ambiguity at boot: names that clash, services that nobody provides, versions that do not fit."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from jackfield.errors import PluginProblem
from jackfield.host.configuration import setting_value
from jackfield.host.registry import CORE, Contributed, Registry
from jackfield_sdk import (
    API_VERSION,
    Blobs,
    Bus,
    CaptureEndpoint,
    ClickHouseStep,
    Database,
    Extension,
    Frontend,
    GraphQLPart,
    HotRoute,
    Job,
    Jobs,
    Locks,
    Misconfigured,
    Permission,
    Projects,
    PromotedProperty,
    Queries,
    QueryKind,
    Schedule,
    Service,
    Setting,
    SettingValue,
    Sink,
    Stage,
    Subscriber,
    TableWriter,
    Transformer,
    VirtualField,
    VirtualTable,
)
from jackfield_sdk.ui import KIT_VERSION

T = TypeVar("T")

CORE_SERVICES: frozenset[type] = frozenset({Blobs, Bus, Database, Jobs, Locks, Projects, Queries, TableWriter})
"""What core provides itself; each process has those that its work can need."""

LANES = ("events",)
"""Kinds of traffic that something consumes."""


def validate(registry: Registry) -> None:
    """Check that all contributions fit together.

    Raises:
        PluginProblem: they do not; the message names the plugins and the way out.
    """
    _check_api(registry)
    _check_services(registry)
    _check_paths(registry)
    _unique(registry.of(CaptureEndpoint), lambda item: item.value.name, "Capture endpoint")
    _unique(registry.of(HotRoute), lambda item: item.value.name, "Hot route")
    _unique(registry.of(Transformer), lambda item: item.value.name, "Transformer")
    _unique(registry.of(Sink), lambda item: item.value.name, "Sink")
    _unique(registry.of(Subscriber), lambda item: item.value.name, "Subscriber")
    _unique(registry.of(QueryKind), lambda item: item.value.name, "Query kind")
    _unique(registry.of(VirtualTable), lambda item: item.value.name, "Virtual table")
    _unique(registry.of(GraphQLPart), lambda item: item.value.name, "GraphQL part")
    _unique(registry.of(Permission), lambda item: item.value.name, "Permission")
    _unique(registry.of(Setting), lambda item: environment_name(item.plugin, item.value.name), "Setting")
    _unique(registry.of(Job), lambda item: f"{item.plugin}.{item.value.name}", "Job")
    _unique(registry.of(Schedule), lambda item: f"{item.plugin}.{item.value.name}", "Schedule")
    _unique(_pages(registry), lambda item: item.value, "Page")
    _check_own_names(registry)
    _check_lanes(registry)
    _check_kit(registry)
    _check_tables(registry)
    _check_fields(registry)
    _check_promoted(registry)
    _check_schedules(registry)
    for transformer in registry.of(Transformer):
        if transformer.value.stage is Stage.IDENTIFY and transformer.value.on_error == "pass":
            raise PluginProblem(
                [transformer.plugin],
                f"Transformer {transformer.value.name!r} of plugin {transformer.plugin!r} is in IDENTIFY with on_error='pass': "
                "an event that nobody identified must not be stored. Use 'dead_letter' or 'drop'.",
            )
    for extension in registry.of(Extension):
        point = extension.value.point
        if not isinstance(extension.value.value, point.kind):
            raise PluginProblem(
                [extension.plugin],
                f"Plugin {extension.plugin!r} adds a {type(extension.value.value).__name__} to {point.name!r}, which takes {point.kind.__name__}.",
            )


def environment_name(plugin: str, setting: str) -> str:
    """Return the environment variable of a setting."""
    owner = "" if plugin == CORE else f"{plugin}_"
    return f"JACKFIELD_{owner}{setting}".upper().replace("-", "_")


def read_settings(registry: Registry, environment: Mapping[str, str]) -> Mapping[str, Mapping[str, SettingValue]]:
    """Read the instance settings of all plugins, by plugin and name.

    Raises:
        PluginProblem: a required setting is missing or a value does not convert.
    """
    values: dict[str, dict[str, SettingValue]] = {plugin.name: {} for plugin in registry.plugins}
    for item in registry.of(Setting):
        if item.value.scope == "instance":
            try:
                value = setting_value(item.value, environment_name(item.plugin, item.value.name), environment)
            except Misconfigured as problem:
                raise PluginProblem([item.plugin], f"Plugin {item.plugin!r}: {problem}") from problem
            values[item.plugin][item.value.name] = value
    return values


def _unique(items: Iterable[Contributed[T]], key: Callable[[Contributed[T]], str], noun: str) -> None:
    seen: dict[str, str] = {}
    for item in items:
        name = key(item)
        if name in seen:
            _clash(noun, name, seen[name], item.plugin)
        seen[name] = item.plugin


def _clash(noun: str, name: str, first: str, second: str) -> None:
    if first == second:
        raise PluginProblem([second], f"{noun} {name!r} is contributed twice by plugin {second!r}.")
    raise PluginProblem(
        [first, second],
        f"{noun} {name!r} is contributed by both {first!r} and {second!r}. "
        f"Disable one with JACKFIELD_PLUGINS_DISABLED={second}, or ask its author to choose another name.",
    )


def _check_api(registry: Registry) -> None:
    for plugin in registry.plugins:
        if not plugin.enabled:
            continue
        wanted = registry.metas[plugin.name].api
        if not _fits(plugin.name, "API", wanted, API_VERSION):
            raise PluginProblem(
                [plugin.name],
                f"Plugin {plugin.name!r} {plugin.version} works with jackfield-sdk {wanted}; this is {API_VERSION}. "
                "Install a version of it that fits.",
            )


def _fits(plugin: str, noun: str, wanted: str, version: str) -> bool:
    try:
        return version in SpecifierSet(wanted)
    except InvalidSpecifier as problem:
        raise PluginProblem([plugin], f"Plugin {plugin!r} names the {noun} range {wanted!r}, which is no version range.") from problem


def _check_services(registry: Registry) -> None:
    _unique(registry.of(Service), lambda item: f"{item.value.protocol.__module__}.{item.value.protocol.__qualname__}", "Service")
    provided: set[type] = {service.value.protocol for service in registry.of(Service)} | CORE_SERVICES
    for plugin in registry.plugins:
        if not plugin.enabled:
            continue
        for service in registry.metas[plugin.name].requires:
            if service not in provided:
                raise PluginProblem(
                    [plugin.name],
                    f"Plugin {plugin.name!r} requires the service {service.__name__}, which no enabled plugin provides. "
                    f"Install a plugin that does, or start with JACKFIELD_PLUGINS_DISABLED={plugin.name}.",
                )


def _check_paths(registry: Registry) -> None:
    seen: dict[str, str] = {}
    endpoints = [(item.plugin, path) for item in registry.of(CaptureEndpoint) for path in item.value.paths]
    routes = [(item.plugin, path) for item in registry.of(HotRoute) for path in item.value.paths]
    for plugin, path in endpoints + routes:
        bare = path.rstrip("/") or "/"
        if bare in seen:
            _clash("Path", bare, seen[bare], plugin)
        seen[bare] = plugin


def _pages(registry: Registry) -> list[Contributed[str]]:
    return [Contributed(item.plugin, page.path) for item in registry.of(Frontend) for page in item.value.pages]


def _check_lanes(registry: Registry) -> None:
    """A lane without a consumer would keep what nobody ever processes."""
    lanes = [(item.plugin, item.value.name, item.value.lane) for item in registry.of(CaptureEndpoint)]
    lanes += [(item.plugin, item.value.name, item.value.lane) for item in registry.of(Transformer)]
    lanes += [(item.plugin, item.value.name, item.value.lane) for item in registry.of(Sink)]
    lanes += [(item.plugin, item.value.name, item.value.lane) for item in registry.of(Subscriber)]
    for plugin, name, lane in lanes:
        if lane not in LANES:
            raise PluginProblem([plugin], f"{name!r} of plugin {plugin!r} names the lane {lane!r}; there is {', '.join(LANES)}.")


def _check_kit(registry: Registry) -> None:
    for item in registry.of(Frontend):
        if not _fits(item.plugin, "kit", item.value.kit, KIT_VERSION):
            raise PluginProblem(
                [item.plugin],
                f"The pages of plugin {item.plugin!r} work with @jackfield/kit {item.value.kit}; this is {KIT_VERSION}. Install a version that fits.",
            )


def _check_own_names(registry: Registry) -> None:
    for permission in registry.of(Permission):
        if not permission.value.name.startswith(f"{permission.plugin}.") or permission.value.name.count(".") != 2:
            raise PluginProblem(
                [permission.plugin],
                f"Permission {permission.value.name!r} of plugin {permission.plugin!r} must be named {permission.plugin}.<resource>.<action>.",
            )


def _check_tables(registry: Registry) -> None:
    tables = [Contributed(step.plugin, table.name) for step in registry.of(ClickHouseStep) for table in step.value.tables]
    _unique(tables, lambda item: item.value, "Table")
    for table in tables:
        if table.plugin != CORE and not table.value.startswith(f"{table.plugin}_"):
            raise PluginProblem([table.plugin], f"Table {table.value!r} of plugin {table.plugin!r} must be named {table.plugin}_<noun>.")
    numbers: dict[str, list[int]] = {}
    for step in registry.of(ClickHouseStep):
        numbers.setdefault(step.plugin, []).append(step.value.number)
    for plugin, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            raise PluginProblem([plugin], f"ClickHouse steps of plugin {plugin!r} are numbered {sorted(found)}; they must be 1, 2, 3 … without gaps.")
    guarded = {(step.plugin, table.name) for step in registry.of(ClickHouseStep) for table in step.value.tables if table.scope == "project"}
    for virtual in registry.of(VirtualTable):
        source = virtual.value.source
        if isinstance(source, str) and (virtual.plugin, source) not in guarded:
            raise PluginProblem(
                [virtual.plugin],
                f"Virtual table {virtual.value.name!r} of plugin {virtual.plugin!r} reads {source!r}, "
                "which is no project-scoped table that the plugin itself creates.",
            )


def _check_fields(registry: Registry) -> None:
    tables = {item.value.name: item for item in registry.of(VirtualTable)}
    _unique(registry.of(VirtualField), lambda item: f"{item.value.table}.{item.value.name}", "Virtual field")
    for field in registry.of(VirtualField):
        name = f"{field.value.table}.{field.value.name}"
        table = tables.get(field.value.table)
        if table is None:
            raise PluginProblem([field.plugin], f"Virtual field {name!r} of plugin {field.plugin!r} belongs to a table that nobody contributes.")
        if (field.value.name in table.value.fields) != field.value.replaces:
            hint = "say replaces=True to take its place" if not field.value.replaces else "there is nothing to replace"
            raise PluginProblem(
                [table.plugin, field.plugin], f"Virtual field {name!r} of plugin {field.plugin!r} and table of {table.plugin!r}: {hint}."
            )


def _check_promoted(registry: Registry) -> None:
    seen: dict[str, Contributed[PromotedProperty]] = {}
    for item in registry.of(PromotedProperty):
        earlier = seen.setdefault(item.value.name, item)
        if earlier.value.kind != item.value.kind:
            _clash("Promoted property", item.value.name, earlier.plugin, item.plugin)


def _check_schedules(registry: Registry) -> None:
    jobs = {(job.plugin, job.value.name) for job in registry.of(Job)}
    for schedule in registry.of(Schedule):
        if (schedule.plugin, schedule.value.job) not in jobs:
            raise PluginProblem(
                [schedule.plugin],
                f"Schedule {schedule.value.name!r} of plugin {schedule.plugin!r} queues {schedule.value.job!r}, which is no job of its own.",
            )
        if (schedule.value.every_seconds is None) == (schedule.value.daily_at is None):
            raise PluginProblem(
                [schedule.plugin], f"Schedule {schedule.value.name!r} of plugin {schedule.plugin!r} must say either every_seconds or daily_at."
            )
