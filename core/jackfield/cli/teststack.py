"""The host behind the SDK's `stack` fixture: the real parts of all processes, put together in one."""

import dataclasses
import io
import json
import shutil
import sqlite3
import threading
import time
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from jackfield.capture.bodies import Bodies
from jackfield.capture.intake import Intake
from jackfield.capture.routes import Routes, build_routes
from jackfield.cli.assembly import CORE_PLUGIN, provide_common_services
from jackfield.cli.engine_process import prepare_store
from jackfield.host.configuration import Configuration, read_configuration
from jackfield.host.discovery import Discovery, Plugin, discover
from jackfield.host.host import Host
from jackfield.host.registry import HOOKS, build_registry
from jackfield.ingest.engine import Engine
from jackfield.projects.django_settings import configure_django
from jackfield.projects.stored_settings import StoredSettings
from jackfield.query.catalog import build_catalog
from jackfield.query.questions import Questions
from jackfield.storage.chdb_door import DATABASE, ChdbStore
from jackfield.storage.database import MetadataDatabase
from jackfield.storage.log_file import log_files, open_log_file
from jackfield.storage.query_client import decode_rows
from jackfield.storage.sqlite_log import SqliteLogReader, SqliteLogWriter
from jackfield.storage.sqlite_outbox import SqliteOutbox
from jackfield_sdk import (
    API_VERSION,
    CaptureRequest,
    Context,
    Database,
    DjangoApp,
    Json,
    JsonObject,
    PluginMeta,
    ProjectInfo,
    Projects,
    Queries,
    Refused,
    Reply,
    Rows,
    SettingValue,
    ast,
    hookimpl,
)
from jackfield_sdk.meta import Role
from jackfield_sdk.query import EventStore, QueryLimits
from jackfield_sdk.testing import Letter

PROJECT_TOKEN = "phc_stack"  # noqa: S105 - of a store that lives as long as a test
API_KEY = "phx_stack"
LANE = "events"
ANSWER_SECONDS = 20.0


def open_stack(folder: Path) -> "Home":
    """Start what all tests of a process share; the entry point `jackfield.testing`."""
    return Home(folder)


class Home:
    """One event store and one metadata database for all tests of a process. Implements the SDK's `StackHome`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = read_configuration(
            {
                "JACKFIELD_DATA_DIR": str(folder / "data"),
                "JACKFIELD_SECRET_KEY": "of-the-stack",
                "JACKFIELD_DURABILITY": "process",
                "JACKFIELD_BOOTSTRAP_PASSWORD": "correct horse",
                "JACKFIELD_BOOTSTRAP_PROJECT_TOKEN": PROJECT_TOKEN,
                "JACKFIELD_BOOTSTRAP_PERSONAL_API_KEY": API_KEY,
            }
        )
        installed = build_registry(Discovery([CORE_PLUGIN, *discover().plugins], []), rescue=True)
        configure_django(self.configuration, installed.of(DjangoApp))
        from jackfield.projects.bootstrap import apply_migrations, bootstrap

        apply_migrations()
        bootstrap(self.configuration)
        self._close_django()
        self._pristine = folder / "pristine.db"
        shutil.copy(self.metadata_file, self._pristine)
        self.store = ChdbStore(folder / "store", memory_bytes=self.configuration.store_memory_bytes)
        self._numbers = count()
        self._current: LocalStack | None = None

    @property
    def metadata_file(self) -> Path:
        """Where the metadata database lies."""
        return self.configuration.data_dir / "jackfield.db"

    def stack(self, plugins: Sequence[str]) -> "LocalStack":
        """See `StackHome.stack`."""
        self.release()
        self.empty()
        self._current = LocalStack(self, self.folder / f"log-{next(self._numbers)}", plugins)
        return self._current

    def empty(self) -> None:
        """Forget every event, and put the metadata database back to how a first start leaves it."""
        tables = json.loads(self.store.query(f"SELECT name FROM system.tables WHERE database = '{DATABASE}' AND total_rows > 0"))["data"]  # noqa: S608
        for (table,) in tables:
            if table != "schema_migrations":
                self.store.execute(f"TRUNCATE TABLE {DATABASE}.`{table}`")
        with sqlite3.connect(self._pristine) as pristine, sqlite3.connect(self.metadata_file) as live:
            pristine.backup(live)
        pristine.close()
        live.close()

    def release(self) -> None:
        """See `StackHome.release`."""
        if self._current is not None:
            self._current.close()
            self._current = None
            self._close_django()

    def close(self) -> None:
        """See `StackHome.close`."""
        self.release()
        self.store.close()

    @staticmethod
    def _close_django() -> None:
        from django.db import connections

        connections.close_all()


class LocalStack:
    """A Jackfield in this process. Implements the SDK's `Stack`."""

    def __init__(self, home: Home, log_directory: Path, plugins: Sequence[str]) -> None:
        self._home = home
        self._log_directory = log_directory
        self._plugins = list(plugins)
        self._contributions: list[object] = []
        self._environment: dict[str, str] = {}
        self._parts: _Parts | None = None

    # -- before the first use ----------------------------------------------------------------------------------------

    def use(self, *plugins: str) -> None:
        """See `Stack.use`."""
        self._not_started()
        self._plugins += plugins

    def add(self, *contributions: object) -> None:
        """See `Stack.add`."""
        self._not_started()
        self._contributions += contributions

    def configure(self, **environment: str) -> None:
        """See `Stack.configure`."""
        self._not_started()
        self._environment |= environment

    def _not_started(self) -> None:
        if self._parts is not None:
            raise AssertionError("The stack runs already: add plugins and contributions before its first use.")

    # -- use ---------------------------------------------------------------------------------------------------------

    @property
    def project(self) -> ProjectInfo:
        """See `Stack.project`."""
        found = self._running.host.require(Projects).by_token(PROJECT_TOKEN)
        assert found is not None, "the first start makes a project"
        return found

    def request(self, method: str, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None, client_ip: str = "127.0.0.1") -> Reply:
        """See `Stack.request`."""
        parts = self._running
        bare, _, query = path.partition("?")
        route = parts.routes.find(bare)
        if route is None:
            raise AssertionError(f"No capture endpoint and no hot route serves {bare}.")
        request = CaptureRequest(
            method=method,
            path=bare,
            query=query,
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=body,
            client_ip=client_ip,
            received_at=time.time_ns() // 1000,
        )
        answered = threading.Event()
        replies: list[Reply] = []

        def answer(reply: Reply) -> None:
            replies.append(reply)
            answered.set()

        parts.intake.take(route, request, answer)
        assert answered.wait(ANSWER_SECONDS), f"{path} was not answered within {ANSWER_SECONDS} seconds"
        return replies[0]

    def capture(self, events: Sequence[JsonObject]) -> JsonObject:
        """See `Stack.capture`."""
        reply = self.request("POST", "/v1/events", json.dumps(list(events)).encode(), headers={"Authorization": f"Bearer {PROJECT_TOKEN}"})
        assert reply.status == 200, f"/v1/events answered {reply.status}: {reply.body.decode()}"
        self.process()
        answer: JsonObject = json.loads(reply.body)
        return answer

    def process(self) -> int:
        """See `Stack.process`."""
        batches = 0
        while self._running.engine.step():
            batches += 1
        return batches

    def deliver(self) -> None:
        """See `Stack.deliver`."""
        from jackfield.jobs.delivery import DeliveryLoop, build_recipients

        parts = self._running
        outbox = SqliteOutbox(self._log_directory, lane=LANE, durability="process")
        for recipient in build_recipients(parts.host):
            loop = DeliveryLoop(outbox, recipient, backoff=lambda *_: 0.0)
            while outbox.pending(recipient.name, 1):
                loop.step()
        outbox.close()

    def run_jobs(self) -> None:
        """See `Stack.run_jobs`."""
        from jackfield.jobs.worker import Worker, build_handlers

        parts = self._running
        stop = threading.Event()
        worker = Worker(parts.jobs, build_handlers(parts.host))
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        deadline = time.monotonic() + ANSWER_SECONDS
        due = "SELECT 1 FROM core_job WHERE state = 'running' OR (state = 'waiting' AND run_at <= CURRENT_TIMESTAMP) LIMIT 1"
        while parts.host.require(Database).fetch(due) and time.monotonic() < deadline:
            time.sleep(0.02)
        stop.set()
        thread.join()

    def fire_schedules(self, at: datetime) -> None:
        """See `Stack.fire_schedules`."""
        from jackfield.jobs.scheduler import Scheduler, read_timetables

        parts = self._running
        scheduler = Scheduler(parts.host.require(Database), parts.jobs, read_timetables(parts.host))
        scheduler.register(datetime.now(UTC))
        scheduler.fire_due(at)

    def set_project_settings(self, plugin: str, **values: SettingValue) -> None:
        """See `Stack.set_project_settings`."""
        for name, value in values.items():
            self._running.host.require(StoredSettings).store(plugin, self.project.id, name, value)

    def query(self, query: ast.Select) -> list[tuple[Json, ...]]:
        """See `Stack.query`."""
        rows = self._running.host.require(Queries).select(self.project.id, query).rows
        return [tuple(row) for row in rows]

    def ask(self, kind: str, parameters: JsonObject) -> JsonObject:
        """See `Stack.ask`."""
        return self._running.host.require(Queries).ask(kind, self.project.id, parameters)

    def events(self) -> list[JsonObject]:
        """See `Stack.events`."""
        names = ["uuid", "event", "distinct_id", "timestamp", "person_id", "properties"]
        columns = [ast.Field(name) for name in names]
        order = [ast.Order(ast.Field("timestamp")), ast.Order(ast.Field("uuid"))]
        rows = self.query(ast.Select(columns=columns, source=ast.Table("events"), order_by=order))
        events: list[JsonObject] = [dict(zip(names, row, strict=True)) for row in rows]
        for event in events:
            event["properties"] = json.loads(str(event["properties"]))
        return events

    def columns(self, table: str) -> dict[str, str]:
        """See `Stack.columns`."""
        self._running  # noqa: B018 - applies the plugins' steps
        answer = self._home.store.query(
            "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}",
            {"database": DATABASE, "table": table},
        )
        return dict(json.loads(answer)["data"])

    def graphql(self, query: str, variables: JsonObject | None = None, *, role: Role = "owner") -> JsonObject:
        """See `Stack.graphql`."""
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        key = API_KEY if role == "owner" else self._key_of_member(role)
        reply = self._django("POST", "/graphql", body, {"CONTENT_TYPE": "application/json", "HTTP_AUTHORIZATION": f"Bearer {key}"})
        document = json.loads(reply.body)
        assert not document.get("errors"), document["errors"]
        data: JsonObject = document["data"]
        return data

    def get(self, path: str) -> Reply:
        """See `Stack.get`."""
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        from jackfield.projects.models import User

        self._running  # noqa: B018 - makes Django ready
        owner = User.objects.get(is_instance_admin=True)
        session = SessionStore()
        session[SESSION_KEY] = str(owner.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
        session.save()
        return self._django("GET", path, b"", {"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"})

    def dead_letters(self) -> list[Letter]:
        """See `Stack.dead_letters`."""
        rows = self._in_log("SELECT plugin, reason, event, uuid FROM dead_letter ORDER BY id")
        return [Letter(plugin=plugin, reason=reason, event=event, uuid=uuid) for plugin, reason, event, uuid in rows]

    def dropped(self) -> dict[str, int]:
        """See `Stack.dropped`."""
        return dict(self._in_log("SELECT reason, sum(events) FROM dropped GROUP BY reason"))

    def context(self, plugin: str = "test") -> Context:
        """See `Stack.context`."""
        return self._running.host.context(plugin)

    def close(self) -> None:
        """End what was started."""
        if self._parts is not None:
            self._parts.close()

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _running(self) -> "_Parts":
        if self._parts is None:
            self._parts = _Parts(self._home, self._log_directory, self._build_host())
        return self._parts

    def _build_host(self) -> Host:
        found = discover(only=self._plugins)
        missing = set(self._plugins) - {plugin.name for plugin in found.plugins} - {broken.name for broken in found.broken}
        if missing:
            raise Refused(f"No plugin {sorted(missing)[0]!r} is installed.")
        plugins = [CORE_PLUGIN, *found.plugins]
        if self._contributions:
            plugins.append(_plugin_of(self._contributions))
        return Host(build_registry(Discovery(plugins, found.broken)), environment=self._environment)

    def _key_of_member(self, role: Role) -> str:
        from jackfield.projects.keys import store_key
        from jackfield.projects.models import Membership, User

        user, is_new = User.objects.get_or_create(email=f"{role}@stack.example")
        key = f"{API_KEY}_{role}"
        if is_new:
            Membership.objects.create(user=user, project_id=self.project.id, role=role)
            store_key(user, key, label=role, scopes=["*"])
        return key

    def _in_log(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for _, path in log_files(self._log_directory, LANE):
            connection = open_log_file(path, durability="process")
            rows += connection.execute(sql).fetchall()
            connection.close()
        return rows

    def _django(self, method: str, path: str, body: bytes, extra: Mapping[str, str]) -> Reply:
        bare, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": bare,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            **extra,
        }
        started: list[tuple[str, list[tuple[str, str]]]] = []
        answer = self._running.django(environ, lambda status, headers, *_: started.append((status, headers)))
        content = b"".join(answer)
        close: Callable[[], None] | None = getattr(answer, "close", None)
        if close is not None:
            close()
        status, headers = started[0]
        kind = {name.lower(): value for name, value in headers}.get("content-type", "")
        return Reply(status=int(status.split()[0]), body=content, content_type=kind, headers=headers)


class _Parts:
    """The running parts of one stack."""

    def __init__(self, home: Home, log_directory: Path, host: Host) -> None:
        configuration: Configuration = dataclasses.replace(home.configuration)
        self.host = host
        provide_common_services(host, configuration)
        prepare_store(host, home.store, fsync=False)
        store = LocalEventStore(home.store)
        host.provide(EventStore, store)
        limits = QueryLimits(seconds=configuration.query_seconds, memory_bytes=configuration.query_memory_bytes)
        host.provide(Queries, Questions(host.registry, build_catalog(host.registry), store, host.require(Projects), limits=limits))
        from jackfield.jobs.queue import open_queue
        from jackfield_sdk import Jobs

        self.jobs = open_queue(host, host.require(Database))
        host.provide(Jobs, self.jobs)
        self._log = SqliteLogWriter(
            log_directory, lane=LANE, slot=0, durability="process", max_bytes=configuration.log_max_bytes, wake=lambda answer: answer()
        )
        self._reader = SqliteLogReader(log_directory, lane=LANE, durability="process")
        self.engine = Engine(host, self._reader, home.store)
        bodies = Bodies(seconds=configuration.body_seconds, max_bytes=configuration.bodies_in_flight_bytes)
        self.intake = Intake(projects=host.require(Projects), log=self._log, bodies=bodies, client_address=lambda peer, _: peer)
        self.routes: Routes = build_routes(host)
        from jackfield.web.django_application import django_application

        self.django = django_application(host, configuration)

    def close(self) -> None:
        self.intake.close()
        self._reader.close()
        database = self.host.require(Database)
        if isinstance(database, MetadataDatabase):
            database.close()


class LocalEventStore:
    """The event store without the socket between. Implements the SDK's `EventStore`."""

    def __init__(self, store: ChdbStore) -> None:
        self._store = store

    def query(self, sql: str, parameters: Mapping[str, str], *, limits: QueryLimits | None = None, query_id: str | None = None) -> Rows:
        """See `EventStore.query`."""
        begun = time.monotonic()
        answer = self._store.query(sql, parameters, limits=limits, query_id=query_id)
        return decode_rows(answer, (time.monotonic() - begun) * 1000)

    def cancel(self, query_id: str) -> None:
        """See `EventStore.cancel`."""
        self._store.cancel(query_id)


def _plugin_of(contributions: Sequence[object]) -> Plugin:
    module = types.ModuleType("jackfield_test")
    module.plugin_meta = hookimpl(lambda: PluginMeta(name="test", summary="Contributions of a test", api=f"=={API_VERSION}"))  # type: ignore[attr-defined]
    for hook, kinds in HOOKS.items():
        mine = [contribution for contribution in contributions if type(contribution) in kinds]
        if mine:
            setattr(module, hook, hookimpl(lambda mine=mine: mine))
    unknown = [contribution for contribution in contributions if not any(type(contribution) in kinds for kinds in HOOKS.values())]
    if unknown:
        raise AssertionError(f"{type(unknown[0]).__name__} is no contribution of any hook.")
    return Plugin(name="test", module=module, distribution="jackfield-test", version="0")
