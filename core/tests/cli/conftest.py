"""The command line on a data folder of the test's own, and plugins to install for it."""

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.running import Up, command_environment, running

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Install = Callable[[str, str], None]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `jackfield` on a data folder of its own."""

    def jackfield(*arguments: str, stdin: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "jackfield.cli.main", *arguments]
        environment = command_environment(tmp_path, **settings)
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, input=stdin, check=False)

    return jackfield


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Install a plugin of one module for the commands that the test runs."""

    def make(name: str, hooks: str) -> None:
        information = tmp_path / "plugins" / f"jackfield_{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.4\nName: jackfield-{name}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[jackfield.plugins]\n{name} = found_{name}\n")
        (tmp_path / "plugins" / f"found_{name}.py").write_text(
            "from jackfield_sdk import *\n\n"
            f"@hookimpl\ndef plugin_meta():\n    return PluginMeta(name={name!r}, summary='', api='>=0')\n\n"
            f"def fails(context):\n    raise RuntimeError('nothing to work with')\n\n@hookimpl\n{hooks}"
        )

    return make


@pytest.fixture
def up(tmp_path: Path) -> Up:
    """Run `jackfield up` on the data folder while a block lasts."""
    return functools.partial(running, tmp_path)
