"""What a plugin is given at run time: its settings, services, and what others added."""

from pathlib import Path
from typing import Protocol

import pytest
from tests.host.plugins import plugin, registry

from jackfield.host.host import Host
from jackfield_sdk import Context, Extension, HookPoint, Misconfigured, Service, Setting


class Weather(Protocol):
    """A service."""

    def tomorrow(self) -> str: ...


class Almanac:
    """Provides it."""

    def __init__(self, context: Context) -> None:
        self.region = context.settings["region"]

    def tomorrow(self) -> str:
        return f"rain in {self.region}"


ALMANAC = plugin("almanac", Setting(name="region", default="Wales", help=""), Service(protocol=Weather, build=Almanac))


def test_settings_come_from_the_environment_in_their_types() -> None:
    bees = plugin(
        "bees",
        Setting(name="hives", type=int, default=1, help=""),
        Setting(name="wild", type=bool, default=False, help=""),
        Setting(name="book", type=Path, help=""),
        Setting(name="colour", scope="project", help=""),
    )

    host = Host(registry(bees), environment={"JACKFIELD_BEES_WILD": "yes", "JACKFIELD_BEES_BOOK": "/bees.txt", "JACKFIELD_BEES_COLOUR": "red"})

    assert host.context("bees").settings == {"hives": 1, "wild": True, "book": Path("/bees.txt")}


def test_a_service_is_built_once_with_its_providers_context() -> None:
    host = Host(registry(ALMANAC, plugin("bees"), plugin("cats")), environment={"JACKFIELD_ALMANAC_REGION": "Devon"})

    weather = host.context("bees").require(Weather)

    assert weather.tomorrow() == "rain in Devon"
    assert host.context("cats").require(Weather) is weather


def test_a_service_that_nobody_provides_is_none_or_an_error() -> None:
    context = Host(registry(plugin("bees")), environment={}).context("bees")

    assert context.find(Weather) is None
    with pytest.raises(Misconfigured, match="No enabled plugin provides the service Weather"):
        context.require(Weather)


def test_values_of_an_extension_point_come_in_order_of_plugins() -> None:
    honey, wax = HookPoint("bees.honey", int), HookPoint("bees.wax", int)
    plugins = [plugin("dogs", Extension(point=honey, value=3)), plugin("cats", Extension(point=honey, value=1), Extension(point=wax, value=9))]

    assert Host(registry(*plugins), environment={}).context("bees").contributions(honey) == [1, 3]
