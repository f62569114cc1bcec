"""`jackfield doctor`: looks at what a start needs, and says what is wrong and how to mend it."""

import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable
from importlib.resources import files

from jackfield.cli.assembly import CORE_PLUGIN
from jackfield.host.configuration import Configuration, read_configuration
from jackfield.host.discovery import Discovery, discover
from jackfield.host.registry import build_registry
from jackfield_sdk import JackfieldError

LEAST_FREE_BYTES = 1024**3


def doctor() -> int:
    """Print a line for each check; returns 1 when one failed."""
    try:
        configuration = read_configuration()
    except JackfieldError as problem:
        print(f"✗ settings: {problem}")
        return 1
    checks: list[tuple[str, Callable[[Configuration], str]]] = [
        ("python", _python),
        ("sqlite", _sqlite),
        ("data folder", _data_folder),
        ("port", _port),
        ("plugins", _plugins),
        ("user interface", _user_interface),
    ]
    failed = 0
    for name, check in checks:
        try:
            print(f"✓ {name}: {check(configuration)}")
        except (JackfieldError, OSError) as problem:
            failed += 1
            print(f"✗ {name}: {problem}")
    return 1 if failed else 0


def _python(_: Configuration) -> str:
    return sys.version.split()[0]


def _sqlite(_: Configuration) -> str:
    if sqlite3.sqlite_version_info < (3, 35):
        raise OSError(f"SQLite {sqlite3.sqlite_version} is too old; Python must be built with 3.35 or newer.")
    return sqlite3.sqlite_version


def _data_folder(configuration: Configuration) -> str:
    probe = configuration.data_dir / ".doctor"
    probe.write_text("")
    probe.unlink()
    free = shutil.disk_usage(configuration.data_dir).free
    if free < LEAST_FREE_BYTES:
        raise OSError(f"{configuration.data_dir} has only {free // 1024**2} MiB left; capture will answer 503 when it is full.")
    return f"{configuration.data_dir}, {free // 1024**3} GiB free"


def _port(configuration: Configuration) -> str:
    where = f"{configuration.host}:{configuration.port}"
    with socket.socket(socket.AF_INET6 if ":" in configuration.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((configuration.host, configuration.port))
        except OSError as problem:
            raise OSError(f"{where} cannot be used ({problem.strerror}); Jackfield may run already, or set JACKFIELD_PORT.") from problem
    return f"{where} is free"


def _plugins(configuration: Configuration) -> str:
    found = discover(disabled=configuration.plugins_disabled)
    registry = build_registry(Discovery([CORE_PLUGIN, *found.plugins], found.broken))
    return ", ".join(plugin.name for plugin in registry.plugins[1:] if plugin.enabled) or "none"


def _user_interface(_: Configuration) -> str:
    if not files("jackfield.ui").joinpath("static/shell/index.html").is_file():
        raise OSError("The user interface is not built; run `make build`, or install the wheel.")
    return "built"
