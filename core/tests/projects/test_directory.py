"""Projects in memory."""

import sys

import pytest

from jackfield.projects.directory import ProjectDirectory
from jackfield_sdk import ProjectInfo, Retryable

ONE, TWO = ProjectInfo(id=1, token="phc_1", name="one", timezone="UTC"), ProjectInfo(id=2, token="phc_2", name="two", timezone="Europe/Berlin")


class FakeDatabase:
    """A process border: rows, and how often they were asked for."""

    def __init__(self) -> None:
        self.projects = [ONE]
        self.problem = None
        self.reads = 0

    def fetch(self, sql, parameters=(), *, types=()):
        self.reads += 1
        if self.problem:
            raise self.problem
        return [(project.id, project.token, project.name, project.timezone) for project in self.projects]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def parts():
    database, clock = FakeDatabase(), Clock()
    return ProjectDirectory(database, clock=clock), database, clock


def test_projects_are_found_without_asking_again(parts):
    directory, database, _ = parts

    assert (directory.by_token("phc_1"), directory.by_id(1)) == (ONE, ONE)
    assert [directory.by_token(f"unknown {n}") for n in range(100)] == [None] * 100
    assert directory.by_id(2) is None
    assert database.reads == 1


def test_what_changes_is_seen_within_a_second(parts):
    directory, database, clock = parts
    directory.by_token("phc_1")
    database.projects = [TWO]

    clock.now += 0.9
    assert directory.by_token("phc_2") is None
    clock.now += 0.2
    assert directory.by_token("phc_2") == TWO
    assert directory.by_token("phc_1") is None
    assert database.reads == 2


def test_known_projects_outlive_the_database(parts, caplog):
    directory, database, clock = parts
    directory.by_token("phc_1")
    database.problem = Retryable("gone")
    clock.now += 2

    assert directory.by_token("phc_1") == ONE
    assert directory.by_token("phc_1") == ONE
    assert database.reads == 2
    assert "going on with those known" in caplog.text


def test_without_any_knowledge_the_caller_is_told(parts):
    directory, database, _ = parts
    database.problem = Retryable("starting")

    with pytest.raises(Retryable):
        directory.by_token("phc_1")
    database.problem = None
    assert directory.by_token("phc_1") == ONE


def test_the_table_is_the_one_of_the_model(metadata, configuration):
    from jackfield.projects.models import Project
    from jackfield.storage.database import open_database

    row = Project.objects.create(name="three", token="phc_3", timezone="Asia/Tokyo")

    assert ProjectDirectory(open_database(configuration)).by_token("phc_3") == ProjectInfo(
        id=row.id, token="phc_3", name="three", timezone="Asia/Tokyo"
    )


def test_it_needs_no_django():
    import subprocess

    code = "import sys, jackfield.projects.directory, jackfield.projects.stored_settings; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
