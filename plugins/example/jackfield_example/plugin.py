"""A guestbook: visitors sign it, guests are thanked, members read it. Hook implementations only, one of every kind."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jackfield_sdk import (
    SDK_CONFIG,
    CaptureEndpoint,
    ClickHouseStep,
    Database,
    DjangoApp,
    Extension,
    Frontend,
    GraphQLPart,
    HotRoute,
    Job,
    Page,
    Permission,
    PluginMeta,
    Projects,
    PromotedProperty,
    Queries,
    QueryKind,
    Schedule,
    SdkConfig,
    Service,
    Setting,
    Sink,
    Stage,
    Subscriber,
    TableWriter,
    Transformer,
    VirtualField,
    VirtualTable,
    hookimpl,
)

if TYPE_CHECKING:
    from jackfield_example.ranking import RankingParameters


# -- who it is, and what it needs ------------------------------------------------------------------------------------


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(
        name="example", summary="A guestbook that uses every hook once", api=">=0.1,<1", requires=(Database, Projects, Queries, TableWriter)
    )


@hookimpl
def register_settings() -> Sequence[Setting]:
    return [
        Setting(name="message_length", type=int, default=280, help="Characters of a message that are kept."),
        Setting(name="thanks_days", type=int, default=365, help="Days after which thanks are forgotten."),
        Setting(name="welcome", default="Please sign our guestbook.", scope="project", help="Stands above the form."),
        Setting(
            name="thanks",
            default="",
            scope="project",
            help="Thanks that every guest gets, {name} being the guest's; nobody is thanked while it is empty.",
        ),
        Setting(name="pseudonym_key", scope="project", secret=True, help="Gives each guest a pseudonym; without it there are none."),
    ]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(name="example.entry.view", summary="Read the guestbook."),
        Permission(name="example.pseudonym.view", summary="See which entries are by the same guest.", role="admin"),
    ]


@hookimpl
def register_django_apps() -> Sequence[DjangoApp]:
    return [DjangoApp(config="jackfield_example.apps.ExampleConfig")]


@hookimpl
def register_services() -> Sequence[Service[object]]:
    from jackfield_example.guestbook import Guestbook, open_guestbook

    return [Service(protocol=Guestbook, build=open_guestbook)]


@hookimpl
def register_extensions() -> Sequence[Extension[object]]:
    from jackfield_example.signature import SIGN_PATH

    return [Extension(point=SDK_CONFIG, value=SdkConfig(members={"guestbook": {"endpoint": SIGN_PATH}}))]


# -- how entries come in ---------------------------------------------------------------------------------------------


@hookimpl
def register_hot_routes() -> Sequence[HotRoute]:
    from jackfield_example.form import FORM_PATH, serve_form

    return [HotRoute(name="example.form", paths=[f"{FORM_PATH}*"], build=serve_form)]


@hookimpl
def register_capture_endpoints() -> Sequence[CaptureEndpoint]:
    from jackfield_example.signature import SIGN

    return [SIGN]


@hookimpl
def register_transformers() -> Sequence[Transformer]:
    from jackfield_example.tidiness import tidy_entries

    return [Transformer(name="example.tidy", stage=Stage.CLEAN, build=tidy_entries, on_error="dead_letter")]


# -- what is kept, and who is told -----------------------------------------------------------------------------------


@hookimpl
def register_clickhouse() -> Sequence[ClickHouseStep]:
    from jackfield_example.entries import ENTRY_STEP

    return [ENTRY_STEP]


@hookimpl
def register_promoted_properties() -> Sequence[PromotedProperty]:
    return [PromotedProperty(name="guest_name", kind="text")]


@hookimpl
def register_sinks() -> Sequence[Sink]:
    from jackfield_example.entries import write_entries

    return [Sink(name="example.entries", build=write_entries)]


@hookimpl
def register_subscribers() -> Sequence[Subscriber]:
    from jackfield_example.thanks import is_signature, thank_guests

    return [Subscriber(name="example.thanks", filter=is_signature, deliver=thank_guests)]


@hookimpl
def register_jobs() -> Sequence[Job | Schedule]:
    from jackfield_example.jobs import forget_thanks

    return [Job(name="forget_thanks", build=forget_thanks), Schedule(name="nightly", job="forget_thanks", daily_at="03:30")]


# -- what can be asked and seen --------------------------------------------------------------------------------------


@hookimpl
def register_virtual_tables() -> Sequence[VirtualTable]:
    from jackfield_example.entries import GUESTBOOK

    return [GUESTBOOK]


@hookimpl
def register_virtual_fields() -> Sequence[VirtualField]:
    from jackfield_example.entries import GUEST_NAME

    return [GUEST_NAME]


@hookimpl
def register_query_kinds() -> "Sequence[QueryKind[RankingParameters]]":
    from jackfield_example.ranking import RANKING

    return [RANKING]


@hookimpl
def register_graphql() -> Sequence[GraphQLPart]:
    def build() -> Sequence[object]:
        from jackfield_example.graphql import PARTS

        return PARTS

    return [GraphQLPart(name="example", build=build)]


@hookimpl
def register_frontend() -> Sequence[Frontend]:
    return [Frontend(package="jackfield_example", pages=[Page(path="/guestbook", title="Guestbook", order=900)])]
