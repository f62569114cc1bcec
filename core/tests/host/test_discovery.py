"""Plugins are found by the entry points of what is installed, and by nothing else."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jackfield.host.discovery import Broken, discover

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution with one plugin, as pip leaves it behind."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(name: str, source: str, *, version: str = "1.0") -> None:
        monkeypatch.delitem(sys.modules, f"found_{name}", raising=False)
        (tmp_path / f"found_{name}.py").write_text(source)
        information = tmp_path / f"jackfield_{name}-{version}.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.4\nName: jackfield-{name}\nVersion: {version}\n")
        (information / "entry_points.txt").write_text(f"[jackfield.plugins]\n{name} = found_{name}\n")

    return make


def test_installed_plugins_are_found_by_name(install: Install) -> None:
    install("zebra", "STRIPES = True", version="3.1")
    install("aardvark", "")

    found = discover(only=["zebra", "aardvark"])

    assert [(plugin.name, plugin.distribution, plugin.version) for plugin in found.plugins] == [
        ("aardvark", "jackfield-aardvark", "1.0"),
        ("zebra", "jackfield-zebra", "3.1"),
    ]
    assert found.plugins[1].module.STRIPES
    assert found.broken == []


def test_what_is_not_asked_for_is_not_imported(install: Install) -> None:
    install("zebra", "")
    install("bomb", "raise SystemExit")

    assert [plugin.name for plugin in discover(only=["zebra"]).plugins] == ["zebra"]


def test_a_plugin_that_cannot_be_imported_is_named_with_the_reason(install: Install) -> None:
    install("zebra", "")
    install("torn", "import a_module_that_is_missing")

    found = discover(only=["torn", "zebra"])

    assert [plugin.name for plugin in found.plugins] == ["zebra"]
    assert found.broken == [Broken("torn", "ModuleNotFoundError while importing found_torn: No module named 'a_module_that_is_missing'")]


@pytest.mark.parametrize(
    ("disabled", "enabled"), [((), ["aardvark", "zebra"]), (("zebra",), ["aardvark"]), (("*",), []), (("nobody",), ["aardvark", "zebra"])]
)
def test_names_and_a_star_disable(install: Install, disabled: tuple[str, ...], enabled: list[str]) -> None:
    install("zebra", "")
    install("aardvark", "")

    found = discover(only=["zebra", "aardvark"], disabled=disabled)

    assert [plugin.name for plugin in found.plugins if plugin.enabled] == enabled
    assert len(found.plugins) == 2
