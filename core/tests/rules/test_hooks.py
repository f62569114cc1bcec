"""Every hook is documented, typed, tested, and implemented by `plugins/example`."""

import ast
import dataclasses
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, get_type_hints

import pytest
from tests.rules.repository import DOCS, ROOT, python_files, shown

from jackfield.cli.assembly import CORE_PLUGIN
from jackfield.host.discovery import Discovery, Plugin
from jackfield.host.registry import CORE, HOOKS, Registry, build_registry
from jackfield_sdk import ClickHouseTable, Page, PluginMeta, TableField
from jackfield_sdk.hookspecs import HOOK_GROUPS

SPECIFICATIONS: Mapping[str, Any] = {
    name: member for group in HOOK_GROUPS for name, member in vars(group).items() if hasattr(member, "jackfield_spec")
}
CONTRIBUTIONS: Mapping[str, tuple[type, ...]] = {"plugin_meta": (PluginMeta,), **HOOKS}
PARTS: Mapping[str, tuple[type, ...]] = {
    "register_clickhouse": (ClickHouseTable,),
    "register_frontend": (Page,),
    "register_virtual_fields": (TableField,),
    "register_virtual_tables": (TableField,),
}
"""Dataclasses within a contribution that its page explains too."""

SECTIONS = ("When it is asked", "What you return", "When it fails", "Example", "In this repository")

every_hook = pytest.mark.parametrize("hook", sorted(SPECIFICATIONS))


def test_the_host_asks_exactly_the_hooks_of_the_contract() -> None:
    assert sorted(CONTRIBUTIONS) == sorted(SPECIFICATIONS)


@every_hook
def test_a_hook_is_typed(hook: str) -> None:
    expected = [f"{kind.__name__}" for kind in CONTRIBUTIONS[hook]]

    returned = str(get_type_hints(SPECIFICATIONS[hook])["return"])

    assert "Any" not in returned
    assert [name for name in expected if name not in returned] == []


@every_hook
def test_a_contribution_is_a_small_frozen_fact(hook: str) -> None:
    for kind in (*CONTRIBUTIONS[hook], *PARTS.get(hook, ())):
        parameters = kind.__dataclass_params__  # type: ignore[attr-defined]
        assert (parameters.frozen, hasattr(kind, "__slots__")) == (True, True), kind.__name__


@every_hook
def test_the_docstring_of_a_hook_names_its_page(hook: str) -> None:
    assert f"docs/reference/hooks/{hook}.md" in " ".join((SPECIFICATIONS[hook].__doc__ or "").split())


@every_hook
def test_a_hook_has_a_page_that_explains_every_field(hook: str) -> None:
    page = (DOCS / "reference" / "hooks" / f"{hook}.md").read_text()
    explained = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    fields = [field.name for kind in (*CONTRIBUTIONS[hook], *PARTS.get(hook, ())) for field in dataclasses.fields(kind)]

    assert sorted(explained) == sorted(fields)
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == list(SECTIONS)


@every_hook
def test_the_example_on_a_page_is_a_plugin_that_the_host_takes(hook: str) -> None:
    page = (DOCS / "reference" / "hooks" / f"{hook}.md").read_text()
    example = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]

    registry = registry_with(example, f"{hook}.md")

    (name,) = [plugin.name for plugin in registry.plugins if plugin.name != CORE]
    kinds = {kind for kind, _ in registry.by(name)}
    assert hook == "plugin_meta" or kinds & set(HOOKS[hook])


@every_hook
def test_a_hook_is_tested(hook: str) -> None:
    folders = [ROOT / "core" / "tests", ROOT / "sdk" / "python" / "tests", *sorted(ROOT.glob("plugins/*/tests"))]
    name = re.compile(rf"\b({'|'.join([hook, *(kind.__name__ for kind in CONTRIBUTIONS[hook])])})\b")

    testing = [shown(path) for path in python_files(*folders) if "rules" not in path.parts and name.search(path.read_text())]

    assert testing != []


@every_hook
def test_the_example_plugin_implements_a_hook(hook: str) -> None:
    module = ast.parse((ROOT / "plugins" / "example" / "jackfield_example" / "plugin.py").read_text())
    implemented = [
        node.name
        for node in module.body
        if isinstance(node, ast.FunctionDef) and any(isinstance(mark, ast.Name) and mark.id == "hookimpl" for mark in node.decorator_list)
    ]

    assert hook in implemented


def registry_with(source: str, file: str) -> Registry:
    """Run the source of a plugin and let the host discover it beside core."""
    module = ModuleType(file)
    exec(compile(source, file, "exec"), module.__dict__)
    plugin = Plugin(name=module.plugin_meta().name, module=module, distribution=file, version="0.1.0")
    return build_registry(Discovery([CORE_PLUGIN, plugin], []))
