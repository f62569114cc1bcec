"""The repository as the rules read it: its source files, plugins and pages of documentation. Imports none of them."""

import ast
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
CORE = ROOT / "core" / "jackfield"
SDK = ROOT / "sdk" / "python" / "jackfield_sdk"
DOCS = ROOT / "docs"


@dataclass(frozen=True, slots=True)
class PluginSource:
    """A first-party plugin on disk."""

    name: str
    folder: Path

    @property
    def package(self) -> Path:
        return self.folder / f"jackfield_{self.name}"


PLUGINS: Sequence[PluginSource] = [
    PluginSource(path.parent.name, path.parent) for path in sorted(ROOT.glob("plugins/*/pyproject.toml")) if path.parent.name != "standard"
]


def python_files(*folders: Path) -> Iterator[Path]:
    """Yield source files, without built assets."""
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*.py")) if "static" not in path.parts)


def shown(path: Path) -> str:
    """Return a path as people of this repository write it."""
    return str(path.relative_to(ROOT))


def toml(path: Path) -> dict[str, Any]:
    """Read a TOML file."""
    return tomllib.loads(path.read_text())


def imported_modules(source: str) -> list[str]:
    """Return every absolute module that a file imports, at its top or inside a function."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def texts(source: str) -> list[str]:
    """Return the constant texts of a file, with `{…}` for the values within f-strings; docstrings are left out."""
    nodes = list(ast.walk(ast.parse(source)))
    skipped: set[ast.AST] = {node.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    for node in joined:
        skipped.update(node.values)
    constants = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped]
    return constants + ["".join(str(value.value) if isinstance(value, ast.Constant) else "{}" for value in node.values) for node in joined]
