"""What core itself brings, through the same hooks as any plugin. Hook implementations only."""

from collections.abc import Sequence

from jackfield.host.configuration import CORE_SETTINGS
from jackfield_sdk import API_VERSION, CaptureEndpoint, ClickHouseStep, GraphQLPart, Permission, PluginMeta, Setting, VirtualTable, hookimpl


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="core", summary="The host itself", api=f"=={API_VERSION}")


@hookimpl
def register_settings() -> Sequence[Setting]:
    return CORE_SETTINGS


@hookimpl
def register_capture_endpoints() -> Sequence[CaptureEndpoint]:
    from jackfield.capture.plain_events import PLAIN_EVENTS

    return [PLAIN_EVENTS]


@hookimpl
def register_clickhouse() -> Sequence[ClickHouseStep]:
    from jackfield.ingest.events_step import EVENTS_STEP

    return [EVENTS_STEP]


@hookimpl
def register_virtual_tables() -> Sequence[VirtualTable]:
    from jackfield.query.catalog import EVENTS

    return [EVENTS]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    from jackfield.projects.permissions import CORE_PERMISSIONS

    return CORE_PERMISSIONS


@hookimpl
def register_graphql() -> Sequence[GraphQLPart]:
    return [
        GraphQLPart(name="core.projects", build=_projects),
        GraphQLPart(name="core.events", build=_events),
        GraphQLPart(name="core.pages", build=_pages),
    ]


def _projects() -> Sequence[object]:
    from jackfield.graphql.types import build

    return build()


def _events() -> Sequence[object]:
    from jackfield.graphql.events import build

    return build()


def _pages() -> Sequence[object]:
    from jackfield.ui.graphql import build

    return build()
