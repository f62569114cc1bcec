"""Birds that were seen. Hook implementations only."""

from collections.abc import Sequence

from jackfield_sdk import (
    CaptureEndpoint,
    ClickHouseStep,
    Frontend,
    GraphQLPart,
    Job,
    Page,
    Permission,
    PluginMeta,
    QueryKind,
    Setting,
    Sink,
    Stage,
    Subscriber,
    Transformer,
    VirtualTable,
    hookimpl,
)


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(name="outsider", summary="Birds that were seen", api=">=0.1,<1")


@hookimpl
def register_settings() -> Sequence[Setting]:
    return [Setting(name="station", help="Where birds are watched; stamped on every sighting.")]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission(name="outsider.species.view", summary="See which birds were seen.")]


@hookimpl
def register_capture_endpoints() -> Sequence[CaptureEndpoint]:
    from jackfield_outsider.sightings import SIGHTING

    return [SIGHTING]


@hookimpl
def register_transformers() -> Sequence[Transformer]:
    from jackfield_outsider.sightings import name_species

    return [Transformer(name="outsider.species", stage=Stage.ENRICH, build=name_species)]


@hookimpl
def register_clickhouse() -> Sequence[ClickHouseStep]:
    from jackfield_outsider.storage import STEP

    return [STEP]


@hookimpl
def register_sinks() -> Sequence[Sink]:
    from jackfield_outsider.storage import write_sightings

    return [Sink(name="outsider.sightings", build=write_sightings)]


@hookimpl
def register_subscribers() -> Sequence[Subscriber]:
    from jackfield_outsider.reports import is_sighting, note_sightings

    return [Subscriber(name="outsider.notes", filter=is_sighting, deliver=note_sightings)]


@hookimpl
def register_virtual_tables() -> Sequence[VirtualTable]:
    from jackfield_outsider.storage import SIGHTINGS

    return [SIGHTINGS]


@hookimpl
def register_query_kinds() -> Sequence[QueryKind[int]]:
    from jackfield_outsider.reports import SPECIES

    return [SPECIES]


@hookimpl
def register_graphql() -> Sequence[GraphQLPart]:
    def build() -> Sequence[object]:
        from jackfield_outsider.graphql import PARTS

        return PARTS

    return [GraphQLPart(name="outsider", build=build)]


@hookimpl
def register_jobs() -> Sequence[Job]:
    from jackfield_outsider.reports import write_report

    return [Job(name="report", build=write_report)]


@hookimpl
def register_frontend() -> Sequence[Frontend]:
    return [Frontend(package="jackfield_outsider", pages=[Page(path="/birds", title="Birds")], style=None)]
