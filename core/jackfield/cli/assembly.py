"""Puts a host together: core's own contributions, installed plugins, and the services that every process has."""

from collections.abc import Mapping, Sequence

from jackfield import __version__
from jackfield.cli import core_plugin
from jackfield.host.configuration import Configuration
from jackfield.host.discovery import Discovery, Plugin, discover
from jackfield.host.host import Host
from jackfield.host.registry import CORE, build_registry
from jackfield.projects.directory import ProjectDirectory
from jackfield.projects.stored_settings import StoredSettings
from jackfield.storage.blobs import FolderBlobs
from jackfield.storage.bus import TableBus
from jackfield.storage.database import open_database
from jackfield.storage.locks import LeaseLocks
from jackfield_sdk import Blobs, Bus, Database, Locks, Projects

CORE_PLUGIN = Plugin(name=CORE, module=core_plugin, distribution="jackfield", version=__version__)


def build_host(configuration: Configuration, *, only: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> Host:
    """Discover plugins, validate them, and read their settings.

    Args:
        only: consider these plugins alone; all that are installed if left out.

    Raises:
        PluginProblem: a plugin is broken or two are in conflict.
    """
    found = discover(disabled=configuration.plugins_disabled, only=only)
    registry = build_registry(Discovery([CORE_PLUGIN, *found.plugins], found.broken), rescue=configuration.rescue)
    return Host(registry, environment=environment)


def provide_common_services(host: Host, configuration: Configuration) -> None:
    """Open the metadata database and what lives in it or beside it."""
    database = open_database(configuration)
    host.project_settings = StoredSettings(host.registry, database, configuration.secret_key).values
    host.provide(Database, database)
    host.provide(Projects, ProjectDirectory(database))
    host.provide(Bus, TableBus(database))
    host.provide(Locks, LeaseLocks(database))
    host.provide(Blobs, FolderBlobs(configuration.data_dir / "blobs"))
