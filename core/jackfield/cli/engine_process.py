"""The engine process: sole owner of the embedded event store. It consumes the log and answers the query socket; it never imports Django."""

import gc
import logging
import signal
import threading

from jackfield.cli.assembly import build_host, provide_common_services
from jackfield.host.configuration import Configuration
from jackfield.host.host import Host
from jackfield.ingest.consumer import Consumer
from jackfield.ingest.engine import Engine
from jackfield.ingest.events_table import promote_properties, set_durability
from jackfield.ingest.table_writer import PluginTableWriter
from jackfield.storage.chdb_door import ChdbStore
from jackfield.storage.paths import log_directory, query_socket, store_directory
from jackfield.storage.query_server import QueryServer
from jackfield.storage.schema import apply_steps
from jackfield.storage.sqlite_log import SqliteLogReader
from jackfield_sdk import ClickHouseStep, PromotedProperty, TableWriter

logger = logging.getLogger(__name__)


def run_engine(configuration: Configuration) -> None:
    """Run until SIGTERM or SIGINT; the batch in work is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    engine, reader, store = open_engine(configuration)
    consumer = Consumer(
        engine, reader, max_wait_seconds=configuration.batch_max_wait_ms / 1000, full_batch_events=configuration.batch_max_events // 2
    )
    server = QueryServer(store, query_socket(configuration))
    gc.collect()
    gc.freeze()  # what is built at start lives as long as the process
    gc.disable()  # batches hold no cycles; the collector would walk every row
    consumer.start()
    logger.info("engine ready")
    while not stop.wait(1.0):
        if not consumer.alive:
            raise SystemExit("the consumer thread has died; see the log above")
    consumer.stop()
    server.close()
    reader.close()
    store.close()


def open_engine(configuration: Configuration) -> tuple[Engine, SqliteLogReader, ChdbStore]:
    """Open log and store, bring the tables up to date, and build what plugins contribute to the engine.

    Raises:
        PluginProblem: some of it cannot be built; the store is closed again.
    """
    host = build_host(configuration)
    provide_common_services(host, configuration)
    store = ChdbStore(store_directory(configuration), memory_bytes=configuration.store_memory_bytes)
    try:
        prepare_store(host, store, fsync=configuration.durability == "fsync")
        reader = SqliteLogReader(log_directory(configuration), lane="events", durability=configuration.durability)
        return Engine(host, reader, store, max_events=configuration.batch_max_events, max_bytes=configuration.batch_max_bytes), reader, store
    except BaseException:
        store.close()
        raise


def prepare_store(host: Host, store: ChdbStore, *, fsync: bool) -> None:
    """Bring the tables up to date, and offer them to sinks."""
    for step in apply_steps(store, host.registry.of(ClickHouseStep)):
        logger.info("event store: applied %s", step)
    set_durability(store, fsync=fsync)
    promote_properties(store, [item.value for item in host.registry.of(PromotedProperty)])
    host.provide_each(TableWriter, lambda plugin: PluginTableWriter(store, plugin))
