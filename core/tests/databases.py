"""Fixtures: metadata databases with core's machinery in them, SQLite in the test's folder, and a private PostgreSQL that is started once."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jackfield.host.configuration import read_configuration
from jackfield.storage.database import MetadataDatabase, open_database, sqlite_path

POSTGRES_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

# In a process of its own: Django's settings are per process, and other tests have theirs.
MIGRATE = """
import django
from django.conf import settings
from django.core.management import call_command
from jackfield.host.configuration import read_configuration
from jackfield.projects.django_settings import django_settings
databases = django_settings(read_configuration(), [])["DATABASES"]
settings.configure(DATABASES=databases, INSTALLED_APPS=["jackfield.storage.records.apps.RecordsConfig"], USE_TZ=True)
django.setup()
call_command("migrate", verbosity=0)
"""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL with core's tables in it."""
    if not POSTGRES_BINARIES:
        pytest.skip("PostgreSQL is not installed: apt-get install -y --no-install-recommends postgresql")
    binaries = POSTGRES_BINARIES[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="jackfield-postgres-"))
    user: list[str] = []
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    port = _free_port()

    def run(command: str, *arguments: str) -> None:
        subprocess.run([*user, binaries / command, "-D", folder / "data", *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run("initdb", "-A", "trust", "-U", "jackfield", "-N")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        url = f"postgresql://jackfield@127.0.0.1:{port}/postgres"
        _migrate({"JACKFIELD_DATABASE_URL": url, "JACKFIELD_DATA_DIR": tempfile.gettempdir(), "JACKFIELD_SECRET_KEY": "unused"})
        yield url
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite file with core's tables in it, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    _migrate({"JACKFIELD_DATA_DIR": str(folder)})
    return sqlite_path(folder)


@pytest.fixture
def sqlite_environment(tmp_path: Path, sqlite_template: Path) -> dict[str, str]:
    """Return the environment variables of an installation on SQLite, with empty tables."""
    shutil.copy(sqlite_template, sqlite_path(tmp_path))
    return {"JACKFIELD_DATA_DIR": str(tmp_path)}


@pytest.fixture
def postgres_environment(tmp_path: Path, postgres_url: str) -> dict[str, str]:
    """Return the environment variables of an installation on PostgreSQL, with empty tables."""
    environment = {"JACKFIELD_DATA_DIR": str(tmp_path), "JACKFIELD_DATABASE_URL": postgres_url}
    database = open_database(read_configuration(environment))
    tables = database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'core%'")
    database.execute(f"TRUNCATE {', '.join(str(name) for (name,) in tables)}")
    database.execute("DROP TABLE IF EXISTS specimen")
    database.close()
    return environment


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the environment variables of an installation, on one database and then on the other."""
    found: dict[str, str] = request.getfixturevalue(f"{request.param}_environment")
    return found


@pytest.fixture
def database(environment: dict[str, str]) -> Iterator[MetadataDatabase]:
    database = open_database(read_configuration(environment))
    yield database
    database.close()


def _migrate(environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", MIGRATE], check=True, env=os.environ | environment)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
