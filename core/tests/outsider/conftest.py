"""The outsider's wheel: built, installed beside the environment, and gone again after its tests."""

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jackfield.cli.teststack import Home

SOURCE = Path(__file__).parent / "wheel"
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="session")
def outsider_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, outside the workspace."""
    folder = tmp_path_factory.mktemp("outsider")
    shutil.copytree(SOURCE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    build = [UV, "build", "-q", "--wheel", "--offline", "--no-build-isolation", "--python", sys.executable, "-o", folder / "dist", folder / "source"]
    subprocess.run(build, check=True, cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def outsider_folder(outsider_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    install = [UV, "pip", "install", "-q", "--offline", "--no-deps", "--python", sys.executable, "--target", folder, outsider_wheel]
    subprocess.run(install, check=True)
    return folder


@pytest.fixture
def outsider(outsider_folder: Path, stack_home: "Home", monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Make the outsider an installed plugin for one test, and return its hook module. Afterwards nothing it kept is left."""
    monkeypatch.syspath_prepend(outsider_folder)
    yield importlib.import_module("jackfield_outsider.plugin")
    stack_home.release()
    stack_home.store.execute("DROP TABLE IF EXISTS jackfield.outsider_sighting SYNC")
    stack_home.store.execute("DELETE FROM jackfield.schema_migrations WHERE plugin = 'outsider'")
    shutil.rmtree(stack_home.configuration.data_dir / "blobs" / "outsider", ignore_errors=True)
