"""The host refuses to start on ambiguity; the message names both plugins and the way out."""

from collections.abc import Callable
from typing import Protocol

import pytest
from tests.host.plugins import plugin, providing, registry

from jackfield.errors import PluginProblem
from jackfield.host.registry import CORE
from jackfield_sdk import (
    REQUIRED,
    CaptureEndpoint,
    ClickHouseStep,
    ClickHouseTable,
    Envelope,
    Extension,
    Frontend,
    GraphQLPart,
    HookPoint,
    HotRoute,
    Job,
    Jobs,
    Page,
    Permission,
    PromotedProperty,
    QueryKind,
    Reply,
    Schedule,
    Setting,
    Sink,
    Stage,
    Subscriber,
    TableField,
    Transformer,
    VirtualField,
    VirtualTable,
)
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.query import Column


class Weather(Protocol):
    """A service."""


def refused(message: str) -> pytest.RaisesExc[PluginProblem]:
    return pytest.raises(PluginProblem, check=lambda problem: message in str(problem))


def endpoint(name: str = "x", *paths: str) -> CaptureEndpoint:
    return CaptureEndpoint(
        name=name, paths=paths, inspect=lambda _: Envelope(token="", count=0), decode=lambda _: EventBatch({}), respond=lambda _: Reply()
    )


def hot_route(name: str = "x", *paths: str) -> HotRoute:
    return HotRoute(name=name, paths=paths, build=lambda _: lambda _: Reply())


def tables(*names: str, number: int = 1) -> ClickHouseStep:
    return ClickHouseStep(number=number, name="tables", statements=[], tables=[ClickHouseTable(name=name) for name in names])


def field(table: str, name: str, *, replaces: bool = False) -> VirtualField:
    return VirtualField(table=table, name=name, field=TableField("string", Column("event")), replaces=replaces)


EVENTS = plugin(CORE, tables("events"), VirtualTable(name="events", source="events", fields={"event": TableField("string", Column("event"))}))


# -- two plugins, one name -------------------------------------------------------------------------------------------

ONE_NAME: dict[str, Callable[[], object]] = {
    "Capture endpoint 'x'": lambda: endpoint("x"),
    "Hot route 'x'": lambda: hot_route("x"),
    "Transformer 'x'": lambda: Transformer(name="x", stage=Stage.CLEAN, build=lambda _: lambda batch: batch),
    "Sink 'x'": lambda: Sink(name="x", build=lambda _: lambda *_: None),
    "Subscriber 'x'": lambda: Subscriber(name="x", filter=lambda _: lambda batch: batch.named(), deliver=lambda _: lambda _: None),
    "Query kind 'x'": lambda: QueryKind(name="x", parse=len, compile=lambda *_: None, shape=lambda *_: {}),  # type: ignore[arg-type, return-value]
    "GraphQL part 'x'": lambda: GraphQLPart(name="x", build=list),
    f"Service '{Weather.__module__}.Weather'": lambda: providing(Weather),
    "Page '/x'": lambda: Frontend(package="x", pages=[Page(path="/x", title="X")]),
    "Virtual field 'events.x'": lambda: field("events", "x"),
}


@pytest.mark.parametrize("what", ONE_NAME)
def test_one_name_in_two_plugins_is_refused(what: str) -> None:
    with refused(f"{what} is contributed by both 'ants' and 'bees'. Disable one with JACKFIELD_PLUGINS_DISABLED=bees") as caught:
        registry(EVENTS, plugin("bees", ONE_NAME[what]()), plugin("ants", ONE_NAME[what]()))

    assert caught.value.plugins == ("ants", "bees")


def test_virtual_tables_of_one_name_are_refused() -> None:
    def table(of: str) -> VirtualTable:
        return VirtualTable(name="x", source=f"{of}_x", fields={})

    with refused("Virtual table 'x' is contributed by both 'ants' and 'bees'"):
        registry(plugin("ants", tables("ants_x"), table("ants")), plugin("bees", tables("bees_x"), table("bees")))


def test_tables_of_one_name_are_refused_although_each_begins_as_it_must() -> None:
    with refused("Table 'ants_red_nest' is contributed by both 'ants' and 'ants_red'"):
        registry(plugin("ants", tables("ants_red_nest")), plugin("ants_red", tables("ants_red_nest")))


def test_settings_that_one_variable_would_set_are_refused() -> None:
    with refused("Setting 'JACKFIELD_ANTS_RED_NEST' is contributed by both 'ants' and 'ants_red'"):
        registry(plugin("ants", Setting(name="red_nest", help="")), plugin("ants_red", Setting(name="nest", help="")))


TWICE = {
    "Permission 'ants.nest.view'": Permission(name="ants.nest.view", summary=""),
    "Job 'ants.dig'": Job(name="dig", build=lambda _: lambda _: None),
    "Setting 'JACKFIELD_ANTS_NEST'": Setting(name="nest", help=""),
}


@pytest.mark.parametrize("what", TWICE)
def test_one_name_twice_in_a_plugin_is_refused(what: str) -> None:
    with refused(f"{what} is contributed twice by plugin 'ants'."):
        registry(plugin("ants", TWICE[what], TWICE[what]))


def test_two_schedules_of_one_name_are_refused() -> None:
    schedule = Schedule(name="daily", job="dig", every_seconds=5)

    with refused("Schedule 'ants.daily' is contributed twice by plugin 'ants'."):
        registry(plugin("ants", Job(name="dig", build=lambda _: lambda _: None), schedule, schedule))


def test_jobs_of_two_plugins_may_have_one_name() -> None:
    registry(*(plugin(name, Job(name="dig", build=lambda _: lambda _: None)) for name in ("ants", "bees")))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (endpoint("a", "/in"), endpoint("b", "/in")),
        (endpoint("a", "/in"), endpoint("b", "/in/")),
        (endpoint("a", "/in"), hot_route("b", "/in")),
        (hot_route("a", "/in/*"), hot_route("b", "/in/*")),
    ],
)
def test_one_path_is_served_by_one_plugin(first: object, second: object) -> None:
    with refused("Path '/in") as caught:
        registry(plugin("ants", first), plugin("bees", second))

    assert caught.value.plugins == ("ants", "bees")


# -- versions and services -------------------------------------------------------------------------------------------


def test_an_incompatible_api_range_is_refused() -> None:
    with refused("Plugin 'bees' 1.2.3 works with jackfield-sdk >=99; this is 0.1.0. Install a version of it that fits."):
        registry(plugin("bees", api=">=99"))


def test_what_is_no_version_range_is_refused() -> None:
    with refused("Plugin 'bees' names the API range 'newest', which is no version range."):
        registry(plugin("bees", api="newest"))


def test_a_service_that_nobody_provides_is_refused() -> None:
    with refused("Plugin 'bees' requires the service Weather, which no enabled plugin provides. Install a plugin that does"):
        registry(plugin("bees", requires=[Weather]))


def test_services_of_core_are_always_there() -> None:
    registry(plugin("bees", requires=[Jobs]))


# -- settings --------------------------------------------------------------------------------------------------------

NEEDY = plugin("bees", Setting(name="hive", default=REQUIRED, help="Where bees live."))


def test_a_missing_required_setting_is_refused() -> None:
    with refused("Plugin 'bees': JACKFIELD_BEES_HIVE is required: Where bees live."):
        registry(NEEDY, environment={})

    registry(NEEDY, environment={"JACKFIELD_BEES_HIVE": "in a tree"})


@pytest.mark.parametrize(("kind", "text"), [(int, "many"), (float, ""), (bool, "perhaps")])
def test_a_setting_that_does_not_convert_is_refused(kind: type[int] | type[float] | type[bool], text: str) -> None:
    with refused(f"JACKFIELD_BEES_HIVE is {text!r}"):
        registry(plugin("bees", Setting(name="hive", type=kind, help="")), environment={"JACKFIELD_BEES_HIVE": text})


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bees.view", "ants.nest.view", "bees.nest.room.view", "view"])
def test_a_permission_is_named_after_its_plugin(name: str) -> None:
    with refused(f"Permission {name!r} of plugin 'bees' must be named bees.<resource>.<action>."):
        registry(plugin("bees", Permission(name=name, summary="")))


def test_a_table_is_named_after_its_plugin() -> None:
    with refused("Table 'hive' of plugin 'bees' must be named bees_<noun>."):
        registry(plugin("bees", tables("hive")))


def test_steps_are_numbered_without_gaps() -> None:
    with refused("ClickHouse steps of plugin 'bees' are numbered [1, 3]; they must be 1, 2, 3"):
        registry(plugin("bees", tables("bees_hive"), tables("bees_honey", number=3)))


# -- tables and fields -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["events", "bees_global", "ants_nest", "nothing"])
def test_a_virtual_table_reads_a_guarded_table_of_its_own_plugin(source: str) -> None:
    unguarded = ClickHouseStep(number=1, name="global", statements=[], tables=[ClickHouseTable(name="bees_global", scope="global")])

    with refused(f"Virtual table 'x' of plugin 'bees' reads {source!r}, which is no project-scoped table that the plugin itself creates."):
        registry(EVENTS, plugin("ants", tables("ants_nest")), plugin("bees", unguarded, VirtualTable(name="x", source=source, fields={})))


def test_a_field_is_added_or_replaced_as_it_says() -> None:
    registry(EVENTS, plugin("bees", field("events", "colour"), field("events", "event", replaces=True)))


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (field("events", "event"), "say replaces=True to take its place"),
        (field("events", "colour", replaces=True), "there is nothing to replace"),
        (field("nests", "colour"), "belongs to a table that nobody contributes"),
    ],
)
def test_a_field_that_does_not_fit_its_table_is_refused(added: VirtualField, message: str) -> None:
    with refused(message) as caught:
        registry(EVENTS, plugin("bees", added))

    assert caught.value.plugins[-1] == "bees"


def test_one_plugin_at_most_replaces_a_field() -> None:
    with refused("Virtual field 'events.event' is contributed by both 'ants' and 'bees'"):
        registry(EVENTS, *(plugin(name, field("events", "event", replaces=True)) for name in ("ants", "bees")))


def test_a_property_is_promoted_by_many_but_in_one_kind() -> None:
    few, text = PromotedProperty(name="plan"), PromotedProperty(name="plan", kind="text")
    registry(plugin("ants", few), plugin("bees", few))

    with refused("Promoted property 'plan' is contributed by both 'ants' and 'bees'"):
        registry(plugin("ants", few), plugin("bees", text))


# -- the rest --------------------------------------------------------------------------------------------------------


def test_who_identifies_may_not_let_events_pass_on_an_error() -> None:
    def identifying(on_error: str) -> Transformer:
        return Transformer(name="who", stage=Stage.IDENTIFY, build=lambda _: lambda batch: batch, on_error=on_error)  # type: ignore[arg-type]

    registry(plugin("bees", identifying("drop")))

    with refused("Transformer 'who' of plugin 'bees' is in IDENTIFY with on_error='pass'"):
        registry(plugin("bees", identifying("pass")))


def test_a_value_of_the_wrong_type_for_its_extension_point_is_refused() -> None:
    honey = HookPoint("bees.honey", int)

    with refused("Plugin 'ants' adds a str to 'bees.honey', which takes int."):
        registry(plugin("ants", Extension(point=honey, value="sweet")))


def test_a_schedule_queues_a_job_of_its_own_plugin() -> None:
    job = Job(name="dig", build=lambda _: lambda _: None)

    with refused("Schedule 'daily' of plugin 'bees' queues 'dig', which is no job of its own."):
        registry(plugin("ants", job), plugin("bees", Schedule(name="daily", job="dig", every_seconds=60)))


@pytest.mark.parametrize("times", [{}, {"every_seconds": 60, "daily_at": "03:00"}])
def test_a_schedule_says_one_way_when(times: dict[str, object]) -> None:
    with refused("Schedule 'often' of plugin 'bees' must say either every_seconds or daily_at."):
        registry(plugin("bees", Job(name="dig", build=lambda _: lambda _: None), Schedule(name="often", job="dig", **times)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "contribution",
    [
        Transformer(name="slow", stage=Stage.CLEAN, build=lambda _: lambda batch: batch, lane="replay"),
        Sink(name="slow", build=lambda _: lambda *_: None, lane="replay"),
        Subscriber(name="slow", filter=lambda _: lambda batch: batch.named(), deliver=lambda _: lambda _: None, lane="replay"),
    ],
)
def test_a_lane_that_nobody_consumes_is_refused(contribution: object) -> None:
    with refused("'slow' of plugin 'bees' names the lane 'replay'; there is events."):
        registry(plugin("bees", contribution))


def test_pages_for_another_kit_are_refused() -> None:
    with refused("The pages of plugin 'bees' work with @jackfield/kit >=9; this is 0.1.0."):
        registry(plugin("bees", Frontend(package="bees", pages=[], kit=">=9")))
