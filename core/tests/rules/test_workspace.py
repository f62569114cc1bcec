"""The workspace names every member wherever a list cannot be a pattern, and its locks name no host."""

import json
import re
from typing import Any

import pytest
from tests.rules.repository import PLUGINS, ROOT, PluginSource, toml

from jackfield_sdk.ui import KIT_VERSION

WORKSPACE = toml(ROOT / "pyproject.toml")
PLUGIN_PACKAGES = [plugin.package.name for plugin in PLUGINS]
PACKAGES = ["jackfield", "jackfield_sdk", *PLUGIN_PACKAGES]


def test_import_linter_looks_at_every_package() -> None:
    assert sorted(WORKSPACE["tool"]["importlinter"]["root_packages"]) == sorted(PACKAGES)


def test_every_import_contract_is_about_every_package() -> None:
    contracts: list[dict[str, Any]] = WORKSPACE["tool"]["importlinter"]["contracts"]
    independent = [sorted(contract["modules"]) for contract in contracts if contract["type"] == "independence"]
    doors = [sorted(contract["source_modules"]) for contract in contracts if contract["name"].startswith(("one door", "no door"))]

    assert independent == [sorted(["jackfield", *PLUGIN_PACKAGES])]
    assert doors == [sorted(PACKAGES)] * len(doors)
    assert len(doors) >= 1


def test_mypy_checks_every_package() -> None:
    assert sorted(WORKSPACE["tool"]["mypy"]["packages"]) == sorted(PACKAGES)
    assert sorted(WORKSPACE["tool"]["mypy"]["mypy_path"]) == sorted(["core", "sdk/python", *(f"plugins/{plugin.name}" for plugin in PLUGINS)])


def test_ruff_knows_every_package() -> None:
    assert sorted(set(PACKAGES) - set(WORKSPACE["tool"]["ruff"]["lint"]["isort"]["known-first-party"])) == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_a_plugin_is_a_distribution_that_knows_the_sdk_alone(plugin: PluginSource) -> None:
    declared = toml(plugin.folder / "pyproject.toml")
    dependencies = [re.split(r"[^A-Za-z0-9-]", requirement)[0] for requirement in declared["project"]["dependencies"]]

    assert declared["project"]["name"] == f"jackfield-{plugin.name}"
    assert declared["project"]["entry-points"]["jackfield.plugins"] == {plugin.name: f"jackfield_{plugin.name}.plugin"}
    assert [name for name in dependencies if name.startswith("jackfield")] == ["jackfield-sdk"]
    assert declared["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [plugin.package.name]
    assert (plugin.package / "py.typed").is_file()


def test_the_python_locks_name_no_host() -> None:
    named = {path.name: re.findall(r"\w+://\S+|--(?:extra-)?index-url\S*|--find-links\S*", path.read_text()) for path in ROOT.glob("requirements/*")}

    assert {name: hosts for name, hosts in named.items() if hosts} == {}


def test_every_pin_of_the_python_locks_has_a_hash() -> None:
    for path in ROOT.glob("requirements/*.txt"):
        entries = re.split(r"\n(?=\S)", path.read_text().strip())
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == [], path.name


def test_the_node_lock_names_no_host() -> None:
    assert re.findall(r'"resolved": "(?!frontend|plugins/)[^"]*"', (ROOT / "package-lock.json").read_text()) == []


def test_the_kit_has_the_version_that_plugins_are_checked_against() -> None:
    package = json.loads((ROOT / "frontend/kit/package.json").read_text())

    assert package["version"] == KIT_VERSION
