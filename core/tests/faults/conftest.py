"""Installations that tests may break; all are stopped in the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.faults.installation import Installation

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Start an installation with settings of the test's own."""
    started: list[Installation] = []

    def install(**settings: str) -> Installation:
        installation = Installation(tmp_path, **settings)
        started.append(installation)
        installation.start()
        return installation

    yield install
    for installation in started:
        installation.stop()
