"""Core's own settings: read from the environment here, in one place, and passed on as values."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from jackfield_sdk import REQUIRED, Misconfigured, Setting, SettingValue

MEBIBYTE = 1024 * 1024

CORE_SETTINGS: tuple[Setting, ...] = (
    Setting(name="host", default="127.0.0.1", help="Address to listen on."),
    Setting(name="port", type=int, default=8000, help="Port to listen on."),
    Setting(name="data_dir", type=Path, default=Path("data"), help="Folder of everything that is kept: log, event store, metadata, keys."),
    Setting(name="public_url", default=None, help="Address under which browsers and SDKs reach this server; http://HOST:PORT if unset."),
    Setting(
        name="trusted_proxies", default="", help="Addresses or networks, comma-separated, whose X-Forwarded-For and X-Forwarded-Proto are believed."
    ),
    Setting(name="bootstrap_email", default="admin@example.com", help="E-mail of the first user, made on the first start."),
    Setting(name="bootstrap_password", default=None, secret=True, help="Password of the first user; made up and printed once if unset."),
    Setting(name="bootstrap_project_token", default=None, secret=True, help="Token of the first project; made up if unset."),
    Setting(name="bootstrap_personal_api_key", default=None, secret=True, help="Personal API key of the first user; none if unset."),
    Setting(name="secret_key", default=None, secret=True, help="Encrypts secrets and signs sessions; made up and kept in the data folder if unset."),
    Setting(name="database_url", default=None, secret=True, help="postgresql://… of the metadata database; SQLite in the data folder if unset."),
    Setting(name="plugins_disabled", default="", help="Plugins to switch off, comma-separated; * for all."),
    Setting(name="rescue", type=bool, default=False, help="Start without plugins that are broken, and show them in health."),
    Setting(name="web_workers", type=int, default=1, help="Web worker processes."),
    Setting(name="fast_lane", type=bool, default=True, help="Take events in the HTTP server itself; off: through its plain ASGI path."),
    Setting(name="durability", default="fsync", help="When an event counts as kept: fsync (survives power loss) or process (survives kill -9)."),
    Setting(name="log_max_bytes", type=int, default=2048 * MEBIBYTE, help="Live bytes in the event log beyond which capture answers 503."),
    Setting(name="batch_max_events", type=int, default=40_000, help="Events in one batch of the engine."),
    Setting(name="batch_max_bytes", type=int, default=96 * MEBIBYTE, help="Bytes of one batch of the engine, decompressed; bounds its memory."),
    Setting(name="batch_max_wait_ms", type=int, default=1000, help="How long a stream of events fills a batch of the engine, in milliseconds."),
    Setting(name="store_memory_bytes", type=int, default=1024 * MEBIBYTE, help="Memory that the embedded event store may take."),
    Setting(name="query_seconds", type=float, default=60.0, help="Longest run of a query."),
    Setting(name="query_memory_bytes", type=int, default=600 * MEBIBYTE, help="Memory of one query."),
    Setting(name="body_seconds", type=float, default=20.0, help="How long the body of a request may take to arrive; then 408."),
    Setting(name="bodies_in_flight_bytes", type=int, default=256 * MEBIBYTE, help="Bytes of unfinished bodies over all connections; beyond, 503."),
    Setting(name="django_threads", type=int, default=4, help="Threads for everything but capture, per web worker."),
)

RANGES: Mapping[str, tuple[float, float]] = {"port": (0, 65535), "batch_max_wait_ms": (0, sys.maxsize)}
"""Least and greatest value of the numbers that are not simply positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Values of `CORE_SETTINGS`, field by field."""

    host: str
    port: int
    data_dir: Path
    public_url: str
    trusted_proxies: tuple[str, ...]
    bootstrap_email: str
    bootstrap_password: str | None
    bootstrap_project_token: str | None
    bootstrap_personal_api_key: str | None
    secret_key: str
    database_url: str | None
    plugins_disabled: tuple[str, ...]
    rescue: bool
    web_workers: int
    fast_lane: bool
    durability: Literal["fsync", "process"]
    log_max_bytes: int
    batch_max_events: int
    batch_max_bytes: int
    batch_max_wait_ms: int
    store_memory_bytes: int
    query_seconds: float
    query_memory_bytes: int
    body_seconds: float
    bodies_in_flight_bytes: int
    django_threads: int


def read_configuration(environment: Mapping[str, str] | None = None) -> Configuration:
    """Read core's settings; make the data folder and the secret key if they are not there.

    Raises:
        Misconfigured: a value does not convert or is none of the allowed ones, or the data folder cannot be made.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {setting.name: setting_value(setting, f"JACKFIELD_{setting.name.upper()}", environment) for setting in CORE_SETTINGS}
    if values["durability"] not in ("fsync", "process"):
        raise Misconfigured(f"JACKFIELD_DURABILITY is {values['durability']!r}; it must be 'fsync' or 'process'.")
    for setting in CORE_SETTINGS:
        least, most = RANGES.get(setting.name, (1 if setting.type is int else 0.001, sys.maxsize))
        if setting.type in (int, float) and not least <= values[setting.name] <= most:
            raise Misconfigured(f"JACKFIELD_{setting.name.upper()} is {values[setting.name]}; it must be from {least} to {most}.")
    values["data_dir"] = values["data_dir"].absolute()
    values["public_url"] = (values["public_url"] or f"http://{values['host']}:{values['port']}").rstrip("/")
    for name in ("trusted_proxies", "plugins_disabled"):
        values[name] = tuple(part.strip() for part in values[name].split(",") if part.strip())
    try:
        values["data_dir"].mkdir(mode=0o700, parents=True, exist_ok=True)
        values["secret_key"] = values["secret_key"] or _kept_secret(values["data_dir"] / "secret.key")
    except OSError as problem:
        raise Misconfigured(f"{problem.filename} cannot be used: {problem.strerror}. Set JACKFIELD_DATA_DIR to a folder of your own.") from problem
    return Configuration(**{field.name: values[field.name] for field in fields(Configuration)})


def setting_value(setting: Setting, variable: str, environment: Mapping[str, str]) -> SettingValue:
    """Return the value of an instance setting.

    Raises:
        Misconfigured: it is required and missing, or does not convert.
    """
    text = environment.get(variable)
    if text is None:
        if setting.default is REQUIRED:
            raise Misconfigured(f"{variable} is required: {setting.help}")
        return setting.default  # type: ignore[return-value]  # REQUIRED was handled above
    if setting.type is bool:
        if text.lower() not in ("1", "true", "yes", "on", "0", "false", "no", "off", ""):
            raise Misconfigured(f"{variable} is {text!r}; it must be 1 or 0.")
        return text.lower() in ("1", "true", "yes", "on")
    try:
        return setting.type(text)
    except ValueError as problem:
        raise Misconfigured(f"{variable} is {text!r}, which is no {setting.type.__name__}: {setting.help}") from problem


def _kept_secret(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret + "\n")
    return secret
