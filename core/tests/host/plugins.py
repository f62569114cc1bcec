"""Plugins made of contributions, for tests of the host."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from jackfield.host.discovery import Broken, Discovery, Plugin
from jackfield.host.registry import HOOKS, Registry, build_registry
from jackfield_sdk import PluginMeta, Reply, Service, hookimpl


def plugin(name: str, *contributions: object, enabled: bool = True, api: str = ">=0", requires: Sequence[type] = ()) -> Plugin:
    """Make a plugin that hands over contributions through the hooks that they belong to."""
    hooks = {
        hook: [contribution for contribution in contributions if type(contribution) in kinds]
        for hook, kinds in HOOKS.items()
        if any(type(contribution) in kinds for contribution in contributions)
    }
    return plugin_with_hooks(name, enabled=enabled, plugin_meta=PluginMeta(name=name, summary="", api=api, requires=requires), **hooks)


def plugin_with_hooks(name: str, *, enabled: bool = True, **hooks: Any) -> Plugin:
    """Make a plugin whose hooks return what is given; an exception is raised."""
    module = ModuleType(f"plugin_{name}")
    for hook, answer in hooks.items():
        setattr(module, hook, hookimpl(_hook(answer)))
    return Plugin(name=name, module=module, distribution=f"jackfield-{name}", version="1.2.3", enabled=enabled)


def _hook(answer: object) -> Any:
    def hook() -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return hook


def meta(name: str) -> PluginMeta:
    """Make a card that fits any version."""
    return PluginMeta(name=name, summary="", api=">=0")


def registry(*plugins: Plugin, broken: Sequence[Broken] = (), rescue: bool = False, environment: dict[str, str] | None = None) -> Registry:
    """Build a registry of these plugins alone."""
    return build_registry(Discovery(plugins, broken), rescue=rescue, environment=environment)


def providing(protocol: type) -> Service[object]:
    """Provide a service that nobody builds in these tests."""
    return Service(protocol=protocol, build=lambda _: Reply())
