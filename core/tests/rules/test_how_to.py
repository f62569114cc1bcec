"""The tests that `docs/how-to/test-a-plugin.md` shows pass, and the plugin that `write-a-plugin.md` builds works."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from tests.rules.repository import DOCS

from jackfield_sdk.testing import Stack

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """Return the code of a page in one language."""
    return [code for found, code in BLOCK.findall((DOCS / "how-to" / page).read_text()) if found == language]


TESTS = ModuleType("test_a_plugin")
exec(compile(blocks("test-a-plugin.md", "python")[0], "test-a-plugin.md", "exec"), TESTS.__dict__)


@pytest.mark.parametrize("name", [name for name in vars(TESTS) if name.startswith("test_")])
def test_a_test_of_the_page_passes(name: str, stack: Stack) -> None:
    vars(TESTS)[name](stack)


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plugin of the page, installed as far as Python looks."""
    plugin, silence = blocks("write-a-plugin.md", "python")
    package, metadata = tmp_path / "jackfield_quiet", tmp_path / "jackfield_quiet-0.1.0.dist-info"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "plugin.py").write_text(plugin)
    (package / "silence.py").write_text(silence)
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: jackfield-quiet\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text("[jackfield.plugins]\nquiet = jackfield_quiet.plugin\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "jackfield_quiet"]:
        del sys.modules[name]


def test_the_plugin_of_the_page_passes_the_test_of_the_page(quiet: None, stack: Stack) -> None:
    shown = ModuleType("test_quiet")
    exec(compile(blocks("test-a-plugin.md", "python")[2], "test-a-plugin.md", "exec"), shown.__dict__)
    stack.use("quiet")

    shown.test_a_test_machine_is_not_listened_to(stack)
