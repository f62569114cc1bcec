"""The hooks: what a plugin may hand over. Each is asked once at boot, in every process; nothing is dispatched through them later."""

from collections.abc import Sequence
from typing import Protocol

import pluggy

from jackfield_sdk.capture import CaptureEndpoint, HotRoute
from jackfield_sdk.extension import Extension
from jackfield_sdk.meta import DjangoApp, GraphQLPart, Permission, PluginMeta
from jackfield_sdk.query import QueryKind, VirtualField, VirtualTable
from jackfield_sdk.services import Service
from jackfield_sdk.settings import Setting
from jackfield_sdk.store import ClickHouseStep, PromotedProperty, Sink, Subscriber
from jackfield_sdk.transform import Transformer
from jackfield_sdk.ui import Frontend
from jackfield_sdk.work import Job, Schedule

hookspec = pluggy.HookspecMarker("jackfield")
hookimpl = pluggy.HookimplMarker("jackfield")


class LifecycleHooks(Protocol):
    """Who a plugin is and what it needs."""

    @hookspec
    def plugin_meta(self) -> PluginMeta:
        """Say who you are. The one hook that every plugin must implement.

        Asked first, in every process, before any other hook of the plugin. A failure keeps the plugin out: the start is refused by name,
        or, in rescue mode, the plugin is skipped and shown in health. See `docs/reference/hooks/plugin_meta.md`.
        """
        ...

    @hookspec
    def register_settings(self) -> Sequence[Setting]:
        """Declare settings.

        Asked once at boot, in every process. Values are read from the environment right afterwards; a missing required one, or one that
        does not convert, refuses the start. See `docs/reference/hooks/register_settings.md`.
        """
        ...

    @hookspec
    def register_django_apps(self) -> Sequence[DjangoApp]:
        """Bring Django models and their migrations.

        Asked once at boot, in every process, also while the plugin is disabled, so that migrations stay consistent; the apps are installed
        in processes that use Django (web, jobs, commands). See `docs/reference/hooks/register_django_apps.md`.
        """
        ...

    @hookspec
    def register_services(self) -> Sequence[Service[object]]:
        """Provide services to other plugins.

        Asked once at boot, in every process; `build` runs when somebody first asks. Two providers of one type refuse the start, naming both.
        See `docs/reference/hooks/register_services.md`.
        """
        ...

    @hookspec
    def register_permissions(self) -> Sequence[Permission]:
        """Declare rights that your fields demand.

        Asked once at boot, in every process. A field that demands an undeclared permission refuses the start.
        See `docs/reference/hooks/register_permissions.md`.
        """
        ...

    @hookspec
    def register_extensions(self) -> Sequence[Extension[object]]:
        """Add values to extension points of other plugins.

        Asked once at boot, in every process. A value of the wrong type refuses the start. Nobody reading the point is no error.
        See `docs/reference/hooks/register_extensions.md`.
        """
        ...


class CaptureHooks(Protocol):
    """How things come in."""

    @hookspec
    def register_capture_endpoints(self) -> Sequence[CaptureEndpoint]:
        """Take events over HTTP.

        Asked once at boot. `inspect` and `respond` run in the web worker, on its event loop, for every request: keep them short. `decode`
        runs in the engine. An exception other than `Refused` in `inspect` answers 500; one in `decode` sends the record to the dead letter.
        Two endpoints with one path refuse the start. See `docs/reference/hooks/register_capture_endpoints.md`.
        """
        ...

    @hookspec
    def register_hot_routes(self) -> Sequence[HotRoute]:
        """Answer requests at once, without log and without Django.

        Asked once at boot; `build` runs once per web worker, its result on the event loop for every request. An exception answers 500.
        See `docs/reference/hooks/register_hot_routes.md`.
        """
        ...


class TransformationHooks(Protocol):
    """What happens to events between log and tables."""

    @hookspec
    def register_transformers(self) -> Sequence[Transformer]:
        """Contribute steps of the pipeline.

        Asked once at boot, in every process. Steps run in the engine, by stage, then `order`, then name. A step that raises costs its own
        events only: the batch is bisected and the step's `on_error` decides. See `docs/reference/hooks/register_transformers.md`.
        """
        ...


class StorageHooks(Protocol):
    """What is kept, and who is told."""

    @hookspec
    def register_clickhouse(self) -> Sequence[ClickHouseStep]:
        """Bring tables of the event store.

        Asked once at boot; the engine applies steps not yet applied, in order of plugin and number, before it consumes. A failing step or
        a changed checksum refuses the start. See `docs/reference/hooks/register_clickhouse.md`.
        """
        ...

    @hookspec
    def register_promoted_properties(self) -> Sequence[PromotedProperty]:
        """Name properties of events that are columns from the start.

        Asked once at boot, in the engine and in web. Two plugins may name the same property, but not with different kinds.
        See `docs/reference/hooks/register_promoted_properties.md`.
        """
        ...

    @hookspec
    def register_sinks(self) -> Sequence[Sink]:
        """Write batches somewhere.

        Asked once at boot; runs in the engine after core's own insert, in order of name, for every batch of the lane. `Retryable`
        and `Misconfigured` make the whole batch come again; any other exception costs the events on which it is raised: they are found by
        halving and go to the dead letter. See `docs/reference/hooks/register_sinks.md`.
        """
        ...

    @hookspec
    def register_subscribers(self) -> Sequence[Subscriber]:
        """Be told of stored events, later, without holding anything up.

        Asked once at boot. `filter` runs in the engine, `deliver` in the jobs process; each subscriber has its own place in the outbox.
        See `docs/reference/hooks/register_subscribers.md`.
        """
        ...


class QueryHooks(Protocol):
    """What can be asked."""

    @hookspec
    def register_query_kinds(self) -> Sequence[QueryKind[object]]:
        """Bring kinds of questions.

        Asked once at boot; used in web. Two kinds of one name refuse the start. See `docs/reference/hooks/register_query_kinds.md`.
        """
        ...

    @hookspec
    def register_virtual_tables(self) -> Sequence[VirtualTable]:
        """Make tables that queries can name.

        Asked once at boot; used in web. A table over a physical table that no step of the plugin creates refuses the start.
        See `docs/reference/hooks/register_virtual_tables.md`.
        """
        ...

    @hookspec
    def register_virtual_fields(self) -> Sequence[VirtualField]:
        """Add fields to any virtual table, or replace the source of one.

        Asked once at boot; used in web. A clash, or a second plugin that replaces the same field, refuses the start.
        See `docs/reference/hooks/register_virtual_fields.md`.
        """
        ...


class ApiHooks(Protocol):
    """What the API offers."""

    @hookspec
    def register_graphql(self) -> Sequence[GraphQLPart]:
        """Add types, fields and mutations.

        Asked once at boot; `build` runs once in web. A type or field that exists already refuses the start, naming both plugins.
        See `docs/reference/hooks/register_graphql.md`.
        """
        ...


class WorkHooks(Protocol):
    """What happens in the background."""

    @hookspec
    def register_jobs(self) -> Sequence[Job | Schedule]:
        """Bring kinds of work, and schedules for them.

        Asked once at boot; runs in the jobs process, at least once per request. See `docs/reference/hooks/register_jobs.md`.
        """
        ...


class UiHooks(Protocol):
    """What people see."""

    @hookspec
    def register_frontend(self) -> Sequence[Frontend]:
        """Bring pages.

        Asked once at boot; used in web. Files come from the plugin's package. Two pages with one path refuse the start.
        See `docs/reference/hooks/register_frontend.md`.
        """
        ...


HOOK_GROUPS: tuple[type, ...] = (LifecycleHooks, CaptureHooks, TransformationHooks, StorageHooks, QueryHooks, ApiHooks, WorkHooks, UiHooks)
