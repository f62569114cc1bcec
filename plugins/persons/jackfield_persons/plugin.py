"""Knows who does things: a person for each distinct_id, with properties. Hook implementations only."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jackfield_sdk import (
    ClickHouseStep,
    Database,
    DjangoApp,
    GraphQLPart,
    Permission,
    PersonStore,
    PluginMeta,
    Service,
    Sink,
    Stage,
    TableWriter,
    Transformer,
    VirtualTable,
    hookimpl,
)

if TYPE_CHECKING:
    from jackfield_persons.person_keys import PersonKeysReader


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="persons", summary="Knows who does things, and what is known of them.", api=">=0.1,<1", requires=[Database, TableWriter])


@hookimpl
def register_django_apps() -> Sequence[DjangoApp]:
    return [DjangoApp(config="jackfield_persons.apps.PersonsConfig")]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission(name="persons.person.view", summary="See persons and their properties.")]


@hookimpl
def register_services() -> "Sequence[Service[PersonStore] | Service[PersonKeysReader]]":
    from jackfield_persons.person_keys import PersonKeysReader
    from jackfield_persons.person_rows import PersonRows

    return [
        Service(protocol=PersonStore, build=lambda context: PersonRows(context.require(Database))),
        Service(protocol=PersonKeysReader, build=lambda _: PersonKeysReader()),  # our own: transformer and sink share it
    ]


@hookimpl
def register_transformers() -> Sequence[Transformer]:
    from jackfield_persons.identify import identify_events

    return [Transformer(name="persons.identify", stage=Stage.IDENTIFY, build=identify_events, on_error="dead_letter")]


@hookimpl
def register_clickhouse() -> Sequence[ClickHouseStep]:
    from jackfield_persons.person_copies import STEPS

    return STEPS


@hookimpl
def register_sinks() -> Sequence[Sink]:
    from jackfield_persons.sink import write_persons

    return [Sink(name="persons.write", build=write_persons)]


@hookimpl
def register_virtual_tables() -> Sequence[VirtualTable]:
    from jackfield_persons.person_copies import TABLES

    return TABLES


@hookimpl
def register_graphql() -> Sequence[GraphQLPart]:
    def build() -> Sequence[object]:
        from jackfield_persons.graphql import PARTS

        return PARTS

    return [GraphQLPart(name="persons", build=build)]
