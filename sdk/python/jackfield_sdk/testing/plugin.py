"""The pytest plugin: fixtures `stack` and `jackfield_plugins`. Found by pytest through its entry point."""

from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jackfield_sdk.testing import Stack, StackHome
    from jackfield_sdk.testing.server import Server

HOST_ENTRY_POINT_GROUP = "jackfield.testing"


@pytest.fixture
def jackfield_plugins() -> Sequence[str]:
    """Name the installed plugins that `stack` starts with; override it in a conftest.py or a test module."""
    return ()


@pytest.fixture(scope="session")
def stack_home(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[StackHome]":
    """Start what all tests of this process share."""
    found = list(entry_points(group=HOST_ENTRY_POINT_GROUP, name="stack"))
    if not found:
        pytest.fail("No host is installed to test with: pip install jackfield.")
    folder: Path = tmp_path_factory.mktemp("jackfield")
    home: StackHome = found[0].load()(folder)
    yield home
    home.close()


@pytest.fixture
def stack(stack_home: "StackHome", jackfield_plugins: Sequence[str]) -> "Iterator[Stack]":
    """A whole, empty Jackfield with the plugins of `jackfield_plugins`."""
    yield stack_home.stack(jackfield_plugins)
    stack_home.release()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Server]":
    """A real server with every installed plugin, shared by all tests of the process: tests tell their events apart themselves."""
    from jackfield_sdk.testing.server import running_server

    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running
