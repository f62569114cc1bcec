"""The jobs process: background work, schedules, and delivery to subscribers."""

import signal
import threading

from jackfield.cli.assembly import build_host, provide_common_services
from jackfield.cli.web_process import provide_queries
from jackfield.host.configuration import Configuration
from jackfield.projects.django_settings import configure_django
from jackfield.storage.paths import log_directory
from jackfield.storage.sqlite_outbox import SqliteOutbox
from jackfield_sdk import DjangoApp


def run_jobs_process(configuration: Configuration) -> None:
    """Run until SIGTERM or SIGINT; work that has begun is finished or given back."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    host = build_host(configuration)
    provide_common_services(host, configuration)
    provide_queries(host, configuration)
    configure_django(configuration, host.registry.of(DjangoApp))
    from jackfield.jobs.process import run_jobs

    outbox = SqliteOutbox(log_directory(configuration), lane="events", durability=configuration.durability)
    run_jobs(host, configuration, stop, outbox=outbox)
