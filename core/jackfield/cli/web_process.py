"""A web worker process: capture, API and pages behind one socket."""

import asyncio
import socket
from collections.abc import Callable

import uvloop

from jackfield.capture.asgi import capture_app
from jackfield.capture.bodies import Bodies
from jackfield.capture.client_address import TrustedProxies
from jackfield.capture.intake import Intake
from jackfield.capture.routes import Routes, build_routes
from jackfield.cli.assembly import build_host, left_out, provide_common_services
from jackfield.host.configuration import Configuration
from jackfield.host.host import Host
from jackfield.jobs.queue import open_queue
from jackfield.query.catalog import build_catalog
from jackfield.query.questions import Questions
from jackfield.storage.paths import log_directory, query_socket
from jackfield.storage.query_client import SocketEventStore
from jackfield.storage.sqlite_log import SqliteLogWriter
from jackfield.web.bridge import WsgiBridge
from jackfield.web.django_application import WsgiApplication, django_application
from jackfield.web.health import Part, health_app
from jackfield.web.worker import serve
from jackfield_sdk import Database, Jobs, Projects, Queries
from jackfield_sdk.query import EventStore, QueryLimits


def run_web(configuration: Configuration, *, slot: int, descriptor: int) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        slot: number of the worker; it has a log file of its own.
        descriptor: the listening socket, inherited from the supervisor.
    """
    host, routes, application = compose_web(configuration)
    listener = socket.socket(fileno=descriptor)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(configuration, host, routes, application, slot, listener))


async def _serve(configuration: Configuration, host: Host, routes: Routes, application: WsgiApplication, slot: int, listener: socket.socket) -> None:
    log = SqliteLogWriter(
        log_directory(configuration),
        lane="events",
        slot=slot,
        durability=configuration.durability,
        max_bytes=configuration.log_max_bytes // configuration.web_workers,
        wake=asyncio.get_running_loop().call_soon_threadsafe,
    )
    proxies = TrustedProxies(configuration.trusted_proxies)
    bodies = Bodies(seconds=configuration.body_seconds, max_bytes=configuration.bodies_in_flight_bytes)
    intake = Intake(projects=host.require(Projects), log=log, bodies=bodies, client_address=proxies.client)
    django = WsgiBridge(application, threads=configuration.django_threads, proxies=proxies, body_seconds=configuration.body_seconds)
    app = capture_app(intake, routes, health_app(_parts(host, log, configuration), django))
    await serve(app, routes=routes, intake=intake, configuration=configuration, sockets=[listener])
    django.close()


def compose_web(configuration: Configuration) -> tuple[Host, Routes, WsgiApplication]:
    """Build what plugins' contributions become in a web worker.

    Raises:
        PluginProblem: some of it cannot be built.
    """
    host = build_host(configuration)
    provide_common_services(host, configuration)
    provide_queries(host, configuration)
    host.provide(Jobs, open_queue(host, host.require(Database)))
    return host, build_routes(host), django_application(host, configuration)


def provide_queries(host: Host, configuration: Configuration) -> None:
    """Offer questions to the API; they are compiled here and run in the engine."""
    store = SocketEventStore(query_socket(configuration))
    limits = QueryLimits(seconds=configuration.query_seconds, memory_bytes=configuration.query_memory_bytes)
    host.provide(EventStore, store)
    host.provide(Queries, Questions(host.registry, build_catalog(host.registry), store, host.require(Projects), limits=limits))


def _parts(host: Host, log: SqliteLogWriter, configuration: Configuration) -> list[Part]:
    def engine() -> bool:
        store = host.require(EventStore)
        return isinstance(store, SocketEventStore) and store.ping()

    def plugins() -> str | None:
        broken = {each.name: each.reason for each in (*left_out(configuration), *host.registry.broken)}
        return "; ".join(f"{name}: {reason}" for name, reason in broken.items()) or None

    return [
        Part(name="log", check=log.problem, needed_for=["capture"]),
        Part(name="engine", check=_unless(engine, "does not answer"), needed_for=["query"]),
        Part(name="database", check=_unless(lambda: bool(host.require(Database).fetch("SELECT 1")), "does not answer"), needed_for=["query"]),
        Part(name="plugins", check=plugins),
    ]


def _unless(check: Callable[[], bool], problem: str) -> Callable[[], str | None]:
    return lambda: None if check() else problem
