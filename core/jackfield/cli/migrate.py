"""`jackfield migrate`: the metadata database, and the very first user. Tables of the event store are brought up to date by the engine."""

from jackfield.cli.assembly import build_host, warn_of_unknown
from jackfield.host.configuration import Configuration
from jackfield.host.host import Host
from jackfield.host.registry import CORE, Registry
from jackfield.projects.django_settings import configure_django
from jackfield.storage.database import open_database
from jackfield.storage.ledger import LedgerEntry, record_plugins
from jackfield_sdk import ClickHouseStep, DjangoApp


def migrate(configuration: Configuration) -> int:
    """Apply migrations; make the first user, project and key if there is no user.

    Raises:
        PluginProblem: the plugins do not fit together; nothing was changed. In rescue mode also: what any process builds cannot be built.
    """
    host = build_host(configuration)
    warn_of_unknown(configuration, host)
    check_api(host, configuration)
    from jackfield.projects.bootstrap import apply_migrations, bootstrap  # they import models, for which Django must be ready

    apply_migrations()
    record_plugins(open_database(configuration), _entries(host.registry))
    first = bootstrap(configuration)
    if first is not None:
        print(f"First user    {first.email}")
        if first.made_up_password:
            print(f"Password      {first.made_up_password}   (shown only now; change it with `jackfield users reset-password`)")
        print(f"Project token {first.project_token}", flush=True)
    if configuration.rescue:
        _rehearse(configuration)
    return 0


def check_api(host: Host, configuration: Configuration) -> None:
    """Compose the API, so that parts which clash are found before anything starts.

    Raises:
        PluginProblem: they do.
    """
    configure_django(configuration, host.registry.of(DjangoApp))
    from jackfield.web.django_application import django_environment

    django_environment(host)


def _rehearse(configuration: Configuration) -> None:
    """Build what each process will build, so that all of them leave out the same plugins: not one its routes and another its tables."""
    from jackfield.cli.engine_process import open_engine
    from jackfield.cli.web_process import compose_web
    from jackfield.jobs.scheduler import read_timetables

    host, _, _ = compose_web(configuration)
    read_timetables(host)
    _, reader, store = open_engine(configuration)
    reader.close()
    store.close()


def _entries(registry: Registry) -> list[LedgerEntry]:
    from django.apps import apps

    tables: dict[str, list[str]] = {}
    for model in apps.get_models():
        tables.setdefault(model._meta.app_config.name, []).append(model._meta.db_table)
    return [
        LedgerEntry(
            plugin=plugin.name,
            distribution=plugin.distribution,
            version=plugin.version,
            metadata_tables=[table for app, owned in tables.items() if app == plugin.module.__package__ for table in owned],
            store_tables=[table.name for item in registry.of(ClickHouseStep) if item.plugin == plugin.name for table in item.value.tables],
        )
        for plugin in registry.plugins
        if plugin.name != CORE
    ]
