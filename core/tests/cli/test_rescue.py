"""Plugins that load well and turn out not to work when a process builds what they contribute."""

from pathlib import Path

import pytest
from tests.cli.conftest import Install, Run
from tests.cli.running import Up

HOOKS = {
    "transforming": "def register_transformers():\n    return [Transformer(name='t', stage=Stage.CLEAN, build=fails)]\n",
    "sinking": "def register_sinks():\n    return [Sink(name='s', build=fails)]\n",
    "filtering": "def register_subscribers():\n    return [Subscriber(name='f', filter=fails, deliver=fails)]\n",
    "tabling": "def register_clickhouse():\n    return [ClickHouseStep(number=1, name='t', statements=['CREATE TABLE {database}.x'], tables=[])]\n",
    "apping": "def register_django_apps():\n    return [DjangoApp(config='nowhere.apps.Nowhere')]\n",
    "modelling": "def register_django_apps():\n    return [DjangoApp(config='found_modelling_app.App')]\n",
    "leaving": "def register_transformers():\n    raise SystemExit('good bye')\n",
    "serving": "def register_services():\n    return [Service(protocol=type(fails), build=fails)]\n\n"
    "@hookimpl\ndef register_sinks():\n    return [Sink(name='serving', build=lambda context: context.require(type(fails)))]\n",
}


@pytest.fixture
def install_broken(install: Install, tmp_path: Path) -> Install:
    """Install plugins; one of them has an app whose models cannot be loaded."""

    def make(name: str, hooks: str) -> None:
        install(name, hooks)
        if name == "modelling":
            package = tmp_path / "plugins" / "found_modelling_app"
            package.mkdir()
            (package / "__init__.py").write_text("from django.apps import AppConfig\n\nclass App(AppConfig):\n    name = 'found_modelling_app'\n")
            (package / "models.py").write_text("import nowhere\n")

    return make


@pytest.fixture(params=HOOKS)
def broken(request: pytest.FixtureRequest, install_broken: Install) -> str:
    """The name of a plugin that does not work."""
    install_broken(request.param, HOOKS[request.param])
    return str(request.param)


def test_what_a_plugin_fails_to_build_refuses_the_start_by_name(run: Run, broken: str) -> None:
    found_by = "migrate" if broken in ("apping", "modelling", "leaving") else "engine"

    told = run("migrate") if found_by == "migrate" else run("process", "engine")

    assert told.returncode == 2
    assert f"of plugin '{broken}'" in told.stderr
    assert f"JACKFIELD_PLUGINS_DISABLED={broken} or JACKFIELD_RESCUE=1" in told.stderr


def test_up_ends_with_the_reason(run: Run, install_broken: Install) -> None:
    install_broken("sinking", HOOKS["sinking"])

    told = run("up")

    assert told.returncode == 2
    assert "Sink 's' of plugin 'sinking' cannot be built: RuntimeError: nothing to work with." in told.stderr


def test_rescue_starts_without_all_of_them_and_shows_them(run: Run, up: Up, install_broken: Install) -> None:
    for name, hooks in HOOKS.items():
        install_broken(name, hooks)

    with up(JACKFIELD_RESCUE="1") as server:
        parts = server.ready()["parts"]
        listed = run("plugins", "list", "--json").stdout

    assert all(f"{name}: " in parts["plugins"] for name in HOOKS)
    assert listed.count('"state": "broken"') == len(HOOKS)
    assert parts["engine"] == "ok"


def test_the_next_start_finds_out_anew(run: Run, up: Up, install: Install) -> None:
    install("filtering", HOOKS["filtering"])
    with up(JACKFIELD_RESCUE="1"):
        pass

    told = run("up")

    assert told.returncode == 2
    assert "Filter of subscriber 'f' of plugin 'filtering'" in told.stderr


def test_a_disabled_plugin_keeps_nothing_from_starting(run: Run, install: Install) -> None:
    install("apping", HOOKS["apping"])

    told = run("migrate", JACKFIELD_PLUGINS_DISABLED="apping")

    assert told.returncode == 0
    assert "plugin apping is left out" in told.stderr
