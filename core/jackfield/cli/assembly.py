"""Puts a host together: core's own contributions, installed plugins, and the services that every process has."""

import os
from collections.abc import Mapping, Sequence

from jackfield import __version__
from jackfield.cli import core_plugin
from jackfield.host.configuration import Configuration
from jackfield.host.discovery import Broken, Discovery, Plugin, discover
from jackfield.host.host import Host
from jackfield.host.registry import CORE, build_registry
from jackfield.projects.directory import ProjectDirectory
from jackfield.projects.stored_settings import StoredSettings
from jackfield.storage.database import MetadataDatabase
from jackfield.storage.services import provide_storage
from jackfield_sdk import Projects

CORE_PLUGIN = Plugin(name=CORE, module=core_plugin, distribution="jackfield", version=__version__)


def build_host(
    configuration: Configuration,
    *,
    only: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
    left_out: Sequence[Broken] = (),
) -> Host:
    """Discover plugins, validate them, and read their settings.

    Args:
        only: consider these plugins alone; all that are installed if left out.
        left_out: plugins that turned out not to work later in the start; they are shown as broken.

    Raises:
        PluginProblem: a plugin is broken or two are in conflict.
    """
    found = discover(disabled=configuration.plugins_disabled, only=only)
    environment = os.environ if environment is None else environment
    out = {broken.name for broken in left_out}
    plugins = [CORE_PLUGIN, *(plugin for plugin in found.plugins if plugin.name not in out)]
    registry = build_registry(Discovery(plugins, [*found.broken, *left_out]), rescue=configuration.rescue, environment=environment)
    return Host(registry, environment=environment)


def provide_common_services(host: Host, configuration: Configuration) -> MetadataDatabase:
    """Open the metadata database and what lives in it or beside it; returns the database, to be closed at the end."""
    database = provide_storage(host, configuration)
    host.provide(Projects, ProjectDirectory(database))
    settings = StoredSettings(host.registry, database, configuration.secret_key)
    host.provide(StoredSettings, settings)
    host.project_settings = settings.values
    return database
