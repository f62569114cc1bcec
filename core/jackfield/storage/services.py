"""Gives a process those of core's services that are storage: database, bus, locks and blobs."""

from jackfield.host.configuration import Configuration
from jackfield.host.host import Host
from jackfield.storage.blobs import FolderBlobs
from jackfield.storage.bus import TableBus
from jackfield.storage.database import MetadataDatabase, open_database
from jackfield.storage.locks import LeaseLocks
from jackfield_sdk import Blobs, Bus, Database, Locks


def provide_storage(host: Host, configuration: Configuration) -> MetadataDatabase:
    """Provide the host with `Database`, `Bus`, `Locks` and `Blobs`, as the configuration wants them.

    Returns:
        The database, to be closed when the process stops.

    Raises:
        Misconfigured: the configuration names storage of an unknown kind.
    """
    database = open_database(configuration)
    host.provide(Database, database)
    host.provide(Bus, TableBus(database))
    host.provide(Locks, LeaseLocks(database))
    host.provide(Blobs, FolderBlobs(configuration.data_dir / "blobs"))
    return database
