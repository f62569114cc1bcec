"""Django's settings: what never varies stands here as constants (type checkers read this module), the rest comes from the configuration."""

import logging
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from jackfield.errors import PluginProblem
from jackfield.host.configuration import Configuration
from jackfield.host.registry import Contributed, way_out
from jackfield_sdk import DjangoApp, Misconfigured

INSTALLED_APPS: Final = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "jackfield.projects.apps.ProjectsConfig",
    "jackfield.storage.records.apps.RecordsConfig",
)
MIDDLEWARE: Final = (
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
ROOT_URLCONF: Final = "jackfield.web.django_urls"
CSRF_FAILURE_VIEW: Final = "jackfield.web.sign_in.forged"
AUTH_USER_MODEL: Final = "core.User"
PASSWORD_HASHERS: Final = (
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
)
DEFAULT_AUTO_FIELD: Final = "django.db.models.BigAutoField"
USE_TZ: Final = True
USE_I18N: Final = False
TIME_ZONE: Final = "UTC"
LOGGING_CONFIG: Final = None  # whoever starts the process decides about logs
APPEND_SLASH: Final = False
X_FRAME_OPTIONS: Final = "DENY"
SESSION_COOKIE_HTTPONLY: Final = True
SESSION_COOKIE_SAMESITE: Final = "Lax"
CSRF_COOKIE_SAMESITE: Final = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE: Final = 1024 * 1024

CONNECTION_SECONDS: Final = 60
"""How long a thread keeps its database connection."""


def configure_django(configuration: Configuration, apps: Sequence[Contributed[DjangoApp]]) -> None:
    """Make Django ready in this process, before any model is imported; do nothing when it is.

    Args:
        apps: what plugins contribute.

    Raises:
        Misconfigured: the database URL is not understood.
        PluginProblem: an app cannot be loaded. Django stays half-made: only another process can do without it.
    """
    import django
    from django.apps import AppConfig
    from django.apps import apps as loaded
    from django.conf import settings

    if settings.configured:
        return
    settings.configure(**django_settings(configuration, [item.value.config for item in apps]))
    logging.getLogger("django.request").setLevel(logging.ERROR)  # what a client does wrong is in its answer
    owners: dict[str, str] = {}
    culprit: str | None = None
    try:
        for item in apps:
            culprit = item.plugin
            owners[AppConfig.create(item.value.config).name] = culprit
        culprit = None
        django.setup()
    except (Exception, SystemExit) as problem:
        # Models are loaded app by app: where that stopped, the last app that has begun is the one.
        begun = [config.name for config in loaded.app_configs.values() if config.models is not None]
        culprit = culprit or (owners.get(begun[-1]) if begun and not loaded.models_ready else None)
        if culprit is None:
            raise
        reason = f"{type(problem).__name__}: {problem}"
        raise PluginProblem([culprit], f"The Django app of plugin {culprit!r} cannot be loaded: {reason}. {way_out(culprit)}") from problem


def django_settings(configuration: Configuration, apps: Sequence[str]) -> dict[str, object]:
    """Return all settings by name.

    Raises:
        Misconfigured: the database URL is not understood.
    """
    constants = {name: value for name, value in globals().items() if name.isupper() and name != "CONNECTION_SECONDS"}
    secure = configuration.public_url.startswith("https://")
    return constants | {
        "SECRET_KEY": configuration.secret_key,
        "INSTALLED_APPS": [*INSTALLED_APPS, *apps],
        "DATABASES": {"default": _database(configuration)},
        "ALLOWED_HOSTS": _allowed_hosts(configuration),
        "CSRF_TRUSTED_ORIGINS": [configuration.public_url],
        "SESSION_COOKIE_SECURE": secure,
        "CSRF_COOKIE_SECURE": secure,
    }


def _database(configuration: Configuration) -> dict[str, object]:
    url = configuration.database_url
    if url is None:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(configuration.data_dir / "jackfield.db"),
            "CONN_MAX_AGE": CONNECTION_SECONDS,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise Misconfigured(
            f"JACKFIELD_DATABASE_URL has the scheme {parts.scheme!r} and the path {parts.path!r}; "
            "it must read postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or be unset for SQLite in the data folder."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": CONNECTION_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _allowed_hosts(configuration: Configuration) -> list[str]:
    public = urlsplit(configuration.public_url).hostname or ""
    if public in ("0.0.0.0", "::"):  # noqa: S104 - listening everywhere without a name: any name may be right
        return ["*"]
    return sorted({public, configuration.host, "localhost", "127.0.0.1", "[::1]"})
