"""Settings that a project has of its own."""

from pathlib import Path

import pytest

from jackfield.projects.stored_settings import StoredSettings
from jackfield_sdk import Refused, Setting

DECLARED = [
    Setting(name="limit", type=int, default=5, scope="project", help="A limit."),
    Setting(name="folder", type=Path, scope="project", help="A folder."),
    Setting(name="token", scope="project", secret=True, help="A token."),
    Setting(name="instance_wide", default="x", help="Not of projects."),
]


@pytest.fixture
def project(metadata):
    from jackfield.projects.models import Project

    return Project.objects.create(name="one", token="phc_1").id


@pytest.fixture
def opened(host_of, configuration):
    from jackfield.storage.database import open_database

    registry = host_of(notes={"register_settings": DECLARED}).registry
    return lambda **options: StoredSettings(registry, open_database(configuration), "secret", **options)


def test_defaults_until_somebody_sets_a_value(opened, project):
    settings = opened()

    assert settings.values("notes", project) == {"limit": 5, "folder": None, "token": None}
    assert settings.values("others", project) == {}

    settings.store("notes", project, "limit", 7)
    settings.store("notes", project, "limit", 8)
    settings.store("notes", project, "folder", Path("/tmp"))
    assert settings.values("notes", project) == {"limit": 8, "folder": Path("/tmp"), "token": None}
    assert settings.values("notes", project + 1)["limit"] == 5

    settings.store("notes", project, "limit", None)
    assert settings.values("notes", project)["limit"] == 5


def test_secrets_lie_encrypted(opened, project):
    from jackfield.projects.models import SettingValue

    opened().store("notes", project, "token", "hunter2")

    row = SettingValue.objects.get()
    assert (row.encrypted, "hunter2" in row.value) == (True, False)
    assert opened().values("notes", project)["token"] == "hunter2"


def test_another_process_sees_a_value_within_a_second(opened, project):
    now = 0.0
    reading, writing = opened(clock=lambda: now), opened()
    reading.values("notes", project)

    writing.store("notes", project, "limit", 9)

    now = 0.9
    assert reading.values("notes", project)["limit"] == 5
    now = 1.1
    assert reading.values("notes", project)["limit"] == 9


@pytest.mark.parametrize(("name", "value"), [("limit", "7"), ("limit", True), ("token", 7), ("nothing", 1), ("instance_wide", "y")])
def test_what_does_not_fit_is_refused(opened, project, name, value):
    with pytest.raises(Refused, match=name):
        opened().store("notes", project, name, value)
