"""What plugins hand over is collected with their names, in their order, and what cannot be taken is refused by name or set aside."""

from typing import Protocol

import pytest
from tests.host.plugins import meta, plugin, plugin_with_hooks, providing, registry

from jackfield.errors import PluginProblem
from jackfield.host.discovery import Broken
from jackfield.host.registry import CORE, HOOKS
from jackfield_sdk import (
    SDK_CONFIG,
    CaptureEndpoint,
    ClickHouseStep,
    ClickHouseTable,
    DjangoApp,
    Envelope,
    Extension,
    Frontend,
    GraphQLPart,
    HotRoute,
    Job,
    Page,
    Permission,
    PluginMeta,
    PromotedProperty,
    QueryKind,
    Reply,
    Schedule,
    SdkConfig,
    Setting,
    Sink,
    Stage,
    Subscriber,
    TableField,
    Transformer,
    VirtualField,
    VirtualTable,
    hookimpl,
)
from jackfield_sdk.batch import EventBatch
from jackfield_sdk.query import Column


class Weather(Protocol):
    """A service."""


class Tides(Protocol):
    """Another."""


def step(name: str, stage: Stage = Stage.CLEAN) -> Transformer:
    return Transformer(name=name, stage=stage, build=lambda _: lambda batch: batch, on_error="drop")


# -- provenance ------------------------------------------------------------------------------------------------------

ONE_OF_EACH: tuple[object, ...] = (
    Setting(name="colour", help="A colour."),
    DjangoApp(config="bees.apps.BeesConfig"),
    providing(Weather),
    Permission(name="bees.hive.view", summary="See hives."),
    Extension(point=SDK_CONFIG, value=SdkConfig(members={})),
    CaptureEndpoint(
        name="bees.in", paths=["/bees"], inspect=lambda _: Envelope(token="", count=0), decode=lambda _: EventBatch({}), respond=lambda _: Reply()
    ),
    HotRoute(name="bees.out", paths=["/honey"], build=lambda _: lambda _: Reply()),
    step("bees"),
    ClickHouseStep(number=1, name="hives", statements=[], tables=[ClickHouseTable(name="bees_hive")]),
    PromotedProperty(name="hive"),
    Sink(name="bees", build=lambda _: lambda *_: None),
    Subscriber(name="bees", filter=lambda _: lambda batch: batch.named(), deliver=lambda _: lambda _: None),
    QueryKind(name="bees", parse=len, compile=lambda *_: None, shape=lambda *_: {}),  # type: ignore[arg-type, return-value]
    VirtualTable(name="hives", source="bees_hive", fields={}),
    VirtualField(table="hives", name="size", field=TableField("integer", Column("size"))),
    GraphQLPart(name="bees", build=list),
    Job(name="swarm", build=lambda _: lambda _: None),
    Schedule(name="yearly", job="swarm", every_seconds=1),
    Frontend(package="bees", pages=[Page(path="/bees", title="Bees")]),
)


def test_every_contribution_carries_the_name_of_its_plugin() -> None:
    found = registry(plugin("ants", step("ants")), plugin("bees", *ONE_OF_EACH), plugin("cats"))

    assert {kind for kind, _ in found.by("bees")} == {kind for kinds in HOOKS.values() for kind in kinds}
    assert [value for _, value in found.by("bees")] == list(ONE_OF_EACH)
    assert [(item.plugin, item.value.name) for item in found.of(Transformer)] == [("ants", "ants"), ("bees", "bees")]
    assert list(found.by("cats")) == []


# -- order -----------------------------------------------------------------------------------------------------------


def test_plugins_stand_in_order_of_their_names_core_first() -> None:
    found = registry(plugin("bees"), plugin(CORE), plugin("ants"))

    assert [one.name for one in found.plugins] == [CORE, "ants", "bees"]


def test_who_requires_a_service_stands_after_its_provider() -> None:
    found = registry(
        plugin("ants", requires=[Weather]), plugin("bees"), plugin("crows", providing(Weather), requires=[Tides]), plugin("dogs", providing(Tides))
    )

    assert [one.name for one in found.plugins] == ["dogs", "crows", "ants", "bees"]


def test_a_circle_of_requirements_is_refused_with_its_members() -> None:
    with pytest.raises(PluginProblem, match="in a circle: ants → bees → ants"):
        registry(plugin("ants", providing(Weather), requires=[Tides]), plugin("bees", providing(Tides), requires=[Weather]))


# -- what cannot be taken --------------------------------------------------------------------------------------------


def refused(message: str) -> pytest.RaisesExc[PluginProblem]:
    return pytest.raises(PluginProblem, check=lambda problem: message in str(problem))


def test_an_unknown_hook_is_refused_by_name() -> None:
    with refused("Plugin 'bees' does not fit this version's hooks: unknown hook 'register_honey'") as caught:
        registry(plugin("ants"), plugin_with_hooks("bees", plugin_meta=meta("bees"), register_honey=[]))

    assert caught.value.plugins == ("bees",)
    assert "JACKFIELD_PLUGINS_DISABLED=bees or JACKFIELD_RESCUE=1" in str(caught.value)


def test_a_hook_with_arguments_is_refused() -> None:
    curious = plugin("bees")
    curious.module.register_settings = hookimpl(lambda host: [])

    with refused("Plugin 'bees' does not fit this version's hooks"):
        registry(curious)


@pytest.mark.parametrize(
    ("hooks", "message"),
    [
        ({}, "Plugin 'bees' has no plugin_meta hook"),
        ({"plugin_meta": meta("wasps")}, "plugin_meta of 'bees' must return a PluginMeta with name='bees'"),
        ({"plugin_meta": "bees"}, "plugin_meta of 'bees' must return a PluginMeta"),
        ({"plugin_meta": KeyError("card")}, "plugin_meta of 'bees' failed: 'card'"),
        ({"plugin_meta": meta("bees"), "register_sinks": KeyError("wax")}, "register_sinks of plugin 'bees' failed: KeyError: 'wax'"),
        ({"plugin_meta": meta("bees"), "register_sinks": None}, "register_sinks of plugin 'bees' failed: TypeError"),
        (
            {"plugin_meta": meta("bees"), "register_sinks": [step("x")]},
            "register_sinks of plugin 'bees' returned a Transformer; it must return a sequence of Sink",
        ),
        ({"plugin_meta": meta("bees"), "register_jobs": ["x"]}, "returned a str; it must return a sequence of Job or Schedule"),
    ],
)
def test_a_hook_that_fails_or_returns_something_else_is_refused(hooks: dict[str, object], message: str) -> None:
    with refused(message) as caught:
        registry(plugin_with_hooks("bees", **hooks))

    assert caught.value.plugins == ("bees",)


def test_a_plugin_that_could_not_be_imported_is_refused_with_the_way_out() -> None:
    with refused("Plugin 'torn' cannot be loaded: ImportError: no. Repair or uninstall it, or start with JACKFIELD_PLUGINS_DISABLED=torn"):
        registry(plugin("bees"), broken=[Broken("torn", "ImportError: no")])


# -- disabled --------------------------------------------------------------------------------------------------------


def test_a_disabled_plugin_keeps_its_django_apps_and_nothing_else() -> None:
    found = registry(plugin("bees", *ONE_OF_EACH, enabled=False))

    assert [value for _, value in found.by("bees")] == [DjangoApp(config="bees.apps.BeesConfig")]


def test_a_service_of_a_disabled_plugin_is_provided_by_nobody() -> None:
    with refused("Plugin 'ants' requires the service Weather, which no enabled plugin provides"):
        registry(plugin("ants", requires=[Weather]), plugin("bees", providing(Weather), enabled=False))


@pytest.mark.parametrize(
    "hooks",
    [
        {"plugin_meta": meta("bees"), "register_honey": []},
        {"plugin_meta": meta("bees"), "register_django_apps": RuntimeError("no")},
        {"plugin_meta": RuntimeError("no")},
    ],
)
def test_a_disabled_plugin_keeps_nobody_from_starting(hooks: dict[str, object]) -> None:
    found = registry(plugin("ants"), plugin_with_hooks("bees", enabled=False, **hooks), broken=[Broken("torn", "ImportError: no", enabled=False)])

    assert [one.name for one in found.plugins] == ["ants"]
    assert [one.name for one in found.broken] == ["torn", "bees"]


@pytest.mark.parametrize("hooks", [{"register_services": RuntimeError("no")}, {"plugin_meta": PluginMeta(name="bees", summary="", api=">=99")}])
def test_what_a_disabled_plugin_is_not_asked_cannot_break_it(hooks: dict[str, object]) -> None:
    found = registry(plugin_with_hooks("bees", enabled=False, **{"plugin_meta": meta("bees"), **hooks}))

    assert [one.name for one in found.plugins] == ["bees"]


# -- rescue ----------------------------------------------------------------------------------------------------------


def test_rescue_leaves_broken_plugins_out_and_says_so() -> None:
    found = registry(
        plugin("ants", step("sweep")),
        plugin("bees", step("sweep")),
        plugin_with_hooks("cats", plugin_meta=meta("cats"), register_purrs=[]),
        plugin("dogs", requires=[Weather]),
        plugin("eels", Setting(name="depth", help="How deep.", default=0, type=int)),
        broken=[Broken("torn", "ImportError: no")],
        rescue=True,
        environment={"JACKFIELD_EELS_DEPTH": "deep"},
    )

    assert [one.name for one in found.plugins] == ["ants"]
    assert [item.plugin for item in found.of(Transformer)] == ["ants"]
    reasons = {one.name: one.reason for one in found.broken}
    assert sorted(reasons) == ["bees", "cats", "dogs", "eels", "torn"]
    assert "both 'ants' and 'bees'" in reasons["bees"]
    assert "register_purrs" in reasons["cats"]
    assert "Weather" in reasons["dogs"]
    assert "JACKFIELD_EELS_DEPTH is 'deep', which is no int" in reasons["eels"]
    assert reasons["torn"] == "ImportError: no"


def test_rescue_does_not_leave_core_out() -> None:
    with refused("Transformer 'sweep' is contributed twice by plugin 'core'"):
        registry(plugin(CORE, step("sweep"), step("sweep")), rescue=True)
