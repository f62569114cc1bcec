"""Puts a host together: core's own contributions, installed plugins, and the services that every process has."""

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NoReturn, TypeVar

from jackfield import __version__
from jackfield.cli import core_plugin
from jackfield.errors import PluginProblem
from jackfield.host.configuration import Configuration, read_configuration
from jackfield.host.discovery import Broken, Discovery, Plugin, discover, is_disabled
from jackfield.host.host import Host
from jackfield.host.registry import CORE, build_registry
from jackfield.projects.directory import ProjectDirectory
from jackfield.projects.stored_settings import StoredSettings
from jackfield.storage.database import MetadataDatabase
from jackfield.storage.paths import left_out_list
from jackfield.storage.services import provide_storage
from jackfield_sdk import Projects

T = TypeVar("T")
logger = logging.getLogger(__name__)

CORE_PLUGIN = Plugin(name=CORE, module=core_plugin, distribution="jackfield", version=__version__)


def build_host(configuration: Configuration, *, only: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> Host:
    """Discover plugins, validate them, and read their settings. What this start has left out already is shown as broken.

    Args:
        only: consider these plugins alone; all that are installed if left out.

    Raises:
        PluginProblem: a plugin is broken or two are in conflict.
    """
    found = discover(disabled=configuration.plugins_disabled, only=only)
    environment = os.environ if environment is None else environment
    out = {broken.name: broken for broken in left_out(configuration)}
    plugins = [CORE_PLUGIN, *(plugin for plugin in found.plugins if plugin.name not in out)]
    broken = [*found.broken, *(out[plugin.name] for plugin in found.plugins if plugin.name in out)]
    registry = build_registry(Discovery(plugins, broken), rescue=configuration.rescue, environment=environment)
    return Host(registry, environment=environment)


def left_out(configuration: Configuration) -> list[Broken]:
    """Return the plugins that some process of this start could not build and may do without."""
    found: dict[str, str] = {}
    with suppress(FileNotFoundError):
        found.update(json.loads(line) for line in left_out_list(configuration).read_text().splitlines())
    listed = [Broken(name, reason, not is_disabled(name, configuration.plugins_disabled)) for name, reason in found.items()]
    return [broken for broken in listed if configuration.rescue or not broken.enabled]


def or_without_broken(run: Callable[[Configuration], T]) -> T:
    """Run what builds plugins' contributions. When it may do without a plugin that cannot be built, note that and start the process anew.

    Anew, because Django and chDB cannot be set up twice in one process. The other processes of the start read the note.

    Raises:
        PluginProblem: a plugin cannot be built, and this is no rescue.
    """
    configuration = read_configuration()
    try:
        return run(configuration)
    except PluginProblem as problem:
        name = problem.plugins[-1]
        optional = configuration.rescue or is_disabled(name, configuration.plugins_disabled)
        if name == CORE or not optional or name in {broken.name for broken in left_out(configuration)}:
            raise
        logger.error("plugin %s is left out: %s", name, problem)
        path = left_out_list(configuration)
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:  # one write appends a whole line, also when two processes do it at once
            file.write(json.dumps([name, str(problem)]) + "\n")
        _start_anew()


def _start_anew() -> NoReturn:
    sys.stdout.flush()
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own command line


def warn_of_unknown(configuration: Configuration, host: Host) -> None:
    """Warn of names in JACKFIELD_PLUGINS_DISABLED that nothing installed has: perhaps they are misspelt."""
    known = {"*", *(plugin.name for plugin in host.registry.plugins), *(broken.name for broken in host.registry.broken)}
    for name in sorted(set(configuration.plugins_disabled) - known):
        logger.warning("JACKFIELD_PLUGINS_DISABLED names %r, but no such plugin is installed", name)


def provide_common_services(host: Host, configuration: Configuration) -> MetadataDatabase:
    """Open the metadata database and what lives in it or beside it; returns the database, to be closed at the end."""
    database = provide_storage(host, configuration)
    host.provide(Projects, ProjectDirectory(database))
    settings = StoredSettings(host.registry, database, configuration.secret_key)
    host.provide(StoredSettings, settings)
    host.project_settings = settings.values
    return database
