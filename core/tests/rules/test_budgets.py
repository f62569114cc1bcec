"""Budgets of lines, without tests, what runs them, and migrations. Raising one needs an ADR; golfing is no way to meet one."""

from pathlib import Path

import pytest
from tests.rules.repository import CORE, SDK, python_files

LINES = {CORE: 11_500, SDK: 2_500}


@pytest.mark.parametrize("package", LINES, ids=lambda package: package.name)
def test_a_package_stays_within_its_budget(package: Path) -> None:
    outside = ("migrations", "testing", "teststack.py")
    files = [path for path in python_files(package) if not any(part in outside for part in path.parts)]

    assert sum(len(path.read_text().splitlines()) for path in files) <= LINES[package]
