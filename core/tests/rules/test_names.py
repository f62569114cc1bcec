"""Core and shell name no plugin and no event of a product: whatever they must know of either comes through a hook."""

import re

import pytest
from tests.rules.repository import CORE, PLUGINS, ROOT, python_files, shown, texts

PLUGIN_NAMES = [plugin.name for plugin in PLUGINS]
# A name of a product is one wherever it stands; the others are words as well, so they count only where code would use them as a name.
PRODUCT_NAMES = re.compile("posthog", re.IGNORECASE)
QUOTED_NAME = re.compile(rf"""(["'`])({"|".join(PLUGIN_NAMES)})(\1|\.)""")
PACKAGE_NAME = re.compile(rf"""jackfield[_-]({"|".join(PLUGIN_NAMES)})\b|@jackfield/({"|".join(PLUGIN_NAMES)})\b""")
DOLLAR_EVENT = re.compile(r"""^\$[a-z][a-z0-9_]+$|["'`.]\$[a-z][a-z0-9_]+""")  # bare ones in a longer text are variables of GraphQL
QUOTED_DOLLAR_EVENT = re.compile(r"""["'`]\$[a-z][a-z0-9_]+["'`]""")

SHELL_FILES = [
    path
    for folder in (ROOT / "frontend" / "src", ROOT / "frontend" / "kit" / "src", ROOT / "frontend" / "public")
    for path in sorted(folder.rglob("*"))
    if path.is_file() and path.name != "graphql-env.d.ts"  # generated from the schema of whoever builds, never committed
] + sorted((ROOT / "frontend").glob("*.*"))


def named_plugins(text: str) -> list[str]:
    """Find where a text names a plugin."""
    return [found[0] for pattern in (PRODUCT_NAMES, QUOTED_NAME, PACKAGE_NAME) for found in pattern.finditer(text)]


def test_core_names_no_plugin() -> None:
    found = {shown(path): named_plugins(path.read_text()) for path in python_files(CORE)}

    assert {path: names for path, names in found.items() if names} == {}


def test_the_shell_names_no_plugin() -> None:
    found = {shown(path): named_plugins(path.read_text()) for path in SHELL_FILES}

    assert {path: names for path, names in found.items() if names} == {}


def test_core_names_no_dollar_event() -> None:
    found = {shown(path): [text for text in texts(path.read_text()) if DOLLAR_EVENT.search(text)] for path in python_files(CORE)}

    assert {path: names for path, names in found.items() if names} == {}


def test_the_shell_names_no_dollar_event() -> None:
    found = {shown(path): QUOTED_DOLLAR_EVENT.findall(path.read_text()) for path in SHELL_FILES}  # bare ones are variables of GraphQL

    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if plugin == 'persons': ...", ["'persons'"]),
        ('ask("analytics.trend")', ['"analytics.']),
        ("import jackfield_example", ["jackfield_example"]),
        ('import page from "@jackfield/analytics-page"', ["@jackfield/analytics"]),
        ("# as PostHog does", ["PostHog"]),
        ("an example of a template for persons, admin@example.com", []),
    ],
)
def test_a_name_is_found_where_code_uses_it(text: str, expected: list[str]) -> None:
    assert named_plugins(text) == expected
