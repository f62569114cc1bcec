"""Who may import what, as far as import-linter's contracts in `pyproject.toml` cannot say it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.rules.repository import CORE, PLUGINS, SDK, PluginSource, imported_modules, python_files, shown

ONE_DOOR: dict[str, Callable[[str], bool]] = {
    "chdb": lambda path: path == "core/jackfield/storage/chdb_door.py",
    "psycopg": lambda path: path == "core/jackfield/storage/postgres_database.py",
    "graphene": lambda path: path == "sdk/python/jackfield_sdk/graphql.py" or path.startswith("core/jackfield/graphql/"),
    "graphene_django": lambda path: path == "sdk/python/jackfield_sdk/graphql.py",
    "graphql": lambda path: path.startswith("core/jackfield/graphql/"),
    "clickhouse_driver": lambda _: False,
    "confluent_kafka": lambda _: False,
    "redis": lambda _: False,
    "wasmtime": lambda _: False,
}
"""Where each library may be imported. A new one gets its door here, in the commit that brings it."""

DJANGO_ROOMS = ("cli/", "graphql/", "projects/", "storage/records/", "ui/", "web/")
"""Of core; `pyproject.toml` takes `directory`, `permissions` and `stored_settings` of projects out again."""
ORM_IN_PLUGINS = ("models", "migrations", "apps", "graphql", "jobs", "commands")

PACKAGES = [CORE, SDK, *(plugin.package for plugin in PLUGINS)]


@pytest.mark.parametrize("library", sorted(ONE_DOOR))
def test_a_library_has_one_door(library: str) -> None:
    importers = [shown(path) for path in python_files(*PACKAGES) if library in _top_levels(path)]

    assert [path for path in importers if not ONE_DOOR[library](path)] == []


def test_django_stays_in_its_rooms_of_core() -> None:
    importers = [path.relative_to(CORE).as_posix() for path in python_files(CORE) if "django" in _top_levels(path)]

    assert [path for path in importers if not path.startswith(DJANGO_ROOMS)] == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_a_plugin_uses_django_only_around_its_models(plugin: PluginSource) -> None:
    package = plugin.package
    importers = [path.relative_to(package) for path in python_files(package) if _loads_django(path)]

    assert [str(path) for path in importers if path.parts[0].removesuffix(".py") not in ORM_IN_PLUGINS] == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_domain_code_of_a_plugin_knows_no_graphql(plugin: PluginSource) -> None:
    package = plugin.package
    own = f"{package.name}.graphql"
    importers = [
        path.relative_to(package)
        for path in python_files(package)
        if any(name == door or name.startswith(f"{door}.") for name in imported_modules(path.read_text()) for door in (own, "jackfield_sdk.graphql"))
    ]

    assert [str(path) for path in importers if path.parts[0].removesuffix(".py") not in ("graphql", "plugin")] == []


def test_the_sdk_is_light_at_import() -> None:
    assert _loaded_after("import jackfield_sdk, jackfield_sdk.hookspecs") & {"django", "graphene", "numpy", "pyarrow", "pytest"} == set()


ENGINE = """
import jackfield.cli.engine_process
from jackfield.cli.assembly import build_host, provide_common_services
from jackfield.host.configuration import read_configuration
from jackfield.ingest.pipeline import build_pipeline
from jackfield_sdk import Sink, Subscriber, TableWriter

class Writer:
    def insert(self, table, columns, *, token): ...

host = build_host(configuration)
provide_common_services(host, configuration)
host.provide_each(TableWriter, lambda plugin: Writer())
build_pipeline(host, "events")
for item in host.registry.of(Sink):
    item.value.build(host.context(item.plugin))
for item in host.registry.of(Subscriber):
    item.value.filter(host.context(item.plugin))
"""

CAPTURE = """
import jackfield.cli.web_process
from jackfield.cli.assembly import build_host, provide_common_services
from jackfield.capture.routes import build_routes

host = build_host(configuration)
provide_common_services(host, configuration)
build_routes(host)
"""


def test_the_engine_with_all_plugins_never_imports_django(tmp_path: Path) -> None:
    loaded = _loaded_after(_with_configuration(ENGINE, tmp_path))

    assert loaded & {"django", "graphene"} == set()
    assert "chdb" in loaded  # the test looked at the right process


def test_capture_and_hot_routes_with_all_plugins_import_neither_django_nor_chdb(tmp_path: Path) -> None:
    assert _loaded_after(_with_configuration(CAPTURE, tmp_path)) & {"django", "graphene", "chdb"} == set()


def test_discovery_and_validation_of_all_plugins_import_no_django(tmp_path: Path) -> None:
    code = _with_configuration("from jackfield.cli.assembly import build_host\nbuild_host(configuration)", tmp_path)

    assert _loaded_after(code) & {"django", "graphene", "chdb", "pyarrow"} == set()


def _with_configuration(code: str, folder: Path) -> str:
    reading = "from jackfield.host.configuration import read_configuration"
    return f"{reading}\nconfiguration = read_configuration({{'JACKFIELD_DATA_DIR': {str(folder)!r}}})\n{code}"


def _loaded_after(code: str) -> set[str]:
    """Run code in a process of its own and return the top-level modules that it loaded."""
    report = "\nimport sys\nprint('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


def _top_levels(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported_modules(path.read_text())}


def _loads_django(path: Path) -> bool:
    return any(name.partition(".")[0] == "django" or name.startswith("jackfield_sdk.django") for name in imported_modules(path.read_text()))
