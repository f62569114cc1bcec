"""Django for tests that need it without a whole stack: on a temporary SQLite file, emptied before and after each test."""

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import pytest

from jackfield.cli.assembly import CORE_PLUGIN
from jackfield.host.configuration import Configuration
from jackfield.host.discovery import Discovery, Plugin
from jackfield.host.host import Host
from jackfield.host.registry import build_registry
from jackfield_sdk import PluginMeta, hookimpl

HostOf = Callable[..., Host]


@pytest.fixture(scope="session")
def configuration(stack_home: Any) -> Configuration:
    """Of the one Django that a process can have; `stack` uses it too."""
    found: Configuration = stack_home.configuration
    return found


@pytest.fixture(scope="session")
def django(configuration: Configuration) -> None:
    """Django with its settings and tables."""


@pytest.fixture
def metadata(django: None) -> Iterator[None]:
    """An empty metadata database."""
    from django.core.management import call_command
    from django.db import connections

    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    yield
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    connections.close_all()


@pytest.fixture
def host_of(django: None) -> HostOf:
    """Make a host of core and of plugins given as `name={hook: values}`."""

    def make(**plugins: dict[str, Sequence[Any]]) -> Host:
        given = [CORE_PLUGIN, *(plugin(name, hooks) for name, hooks in plugins.items())]
        return Host(build_registry(Discovery(given, [])), environment={})

    return make


def plugin(name: str, hooks: dict[str, Sequence[Any]]) -> Plugin:
    module = ModuleType(f"plugin_{name}")
    answers: dict[str, Any] = {"plugin_meta": PluginMeta(name=name, summary="", api=">=0"), **hooks}
    for hook, values in answers.items():
        setattr(module, hook, hookimpl(lambda values=values: values))
    return Plugin(name=name, module=module, distribution=f"jackfield-{name}", version="1.2.3")
