"""What Django is told."""

import dataclasses

import pytest

from jackfield.projects.django_settings import django_settings
from jackfield_sdk import Misconfigured


@pytest.fixture
def settings(configuration):
    return lambda **changes: django_settings(dataclasses.replace(configuration, **changes), ["plugin.apps.Config"])


def test_sqlite_lies_in_the_data_folder(settings, configuration):
    database = settings()["DATABASES"]["default"]

    assert database["NAME"] == str(configuration.data_dir / "jackfield.db")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_sqlite_writes_ahead(metadata):
    from django.db import connection

    with connection.cursor() as cursor:
        assert [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == ["wal", 1]


def test_postgresql_is_taken_from_its_url(settings):
    database = settings(database_url="postgresql://ann:p%40ss@db.example:5433/jack%20field?sslmode=require")["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == ["jack field", "ann", "p@ss", "db.example", "5433"]
    assert database["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://host", "nonsense"])
def test_other_databases_are_refused_without_telling_the_password(settings, url):
    with pytest.raises(Misconfigured, match="JACKFIELD_DATABASE_URL"):
        settings(database_url=url)


def test_cookies_are_secure_under_https(settings):
    plain, secure = settings(public_url="http://localhost:8000"), settings(public_url="https://jack.example")

    assert [each[name] for each in (plain, secure) for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")] == [False, False, True, True]
    assert secure["SESSION_COOKIE_HTTPONLY"] is True
    assert secure["CSRF_TRUSTED_ORIGINS"] == ["https://jack.example"]


def test_only_our_own_names_are_answered(settings):
    assert "jack.example" in settings(public_url="https://jack.example")["ALLOWED_HOSTS"]
    assert "*" not in settings(public_url="https://jack.example")["ALLOWED_HOSTS"]
    assert settings(public_url="http://0.0.0.0:8000", host="0.0.0.0")["ALLOWED_HOSTS"] == ["*"]


def test_apps_of_plugins_are_installed(settings):
    assert settings()["INSTALLED_APPS"][-1] == "plugin.apps.Config"
