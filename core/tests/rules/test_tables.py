"""Plugins never touch another's tables: every table that a plugin's SQL, DDL or models name begins with the plugin's own name."""

import re

import pytest
from tests.rules.repository import PLUGINS, PluginSource, python_files, shown, texts

STATEMENT = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|TRUNCATE|OPTIMIZE|RENAME|WITH|REPLACE)\s", re.IGNORECASE)
NAMED_TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO(?:\s+TABLE)?|UPDATE|TABLE(?:\s+IF(?:\s+NOT)?\s+EXISTS)?|VIEW(?:\s+IF(?:\s+NOT)?\s+EXISTS)?|DICTIONARY(?:\s+IF(?:\s+NOT)?\s+EXISTS)?)"
    r"\s+(?!SELECT\b|IF\b|SET\b|\()([`\"\w{}.]+)",
    re.IGNORECASE,
)
COMMON_TABLE = re.compile(r"\b(\w+)\s+AS\s+\(\s*SELECT", re.IGNORECASE)
CALL = re.compile(r"""\b(?:upsert_many|insert)\(\s*["'](\w+)["']""")
MODEL_TABLE = re.compile(r"""\bdb_table\s*=\s*["'](\w+)["']""")
APP_LABEL = re.compile(r"""\b(?:app_)?label\s*=\s*["'](\w+)["']""")


def tables_of_statement(statement: str) -> list[str]:
    """Return the tables that an SQL text names, without database and quotes; those that it makes itself by WITH are left out."""
    if not STATEMENT.match(statement):
        return []
    common = set(COMMON_TABLE.findall(statement))
    names = [name.rpartition(".")[2].strip('`"') for name in NAMED_TABLE.findall(statement)]
    return [name for name in names if name not in common]


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_sql_of_a_plugin_names_its_own_tables_alone(plugin: PluginSource) -> None:
    named = {(shown(path), table) for path in python_files(plugin.package) for text in texts(path.read_text()) for table in tables_of_statement(text)}

    assert {found for found in named if not found[1].startswith(f"{plugin.name}_")} == set()


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_writers_and_models_of_a_plugin_name_its_own_tables_alone(plugin: PluginSource) -> None:
    named = {
        (shown(path), table)
        for path in python_files(plugin.package)
        for pattern in (CALL, MODEL_TABLE)
        for table in pattern.findall(path.read_text())
    }

    assert {found for found in named if not found[1].startswith(f"{plugin.name}_")} == set()


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_the_django_app_of_a_plugin_has_its_name(plugin: PluginSource) -> None:
    labels = {label for path in python_files(plugin.package) if path.name == "apps.py" for label in APP_LABEL.findall(path.read_text())}

    assert labels <= {plugin.name}  # tables without a name of their own are called <label>_<model>


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT id FROM core_project WHERE id = ?", ["core_project"]),
        ("INSERT INTO shop_order (id) SELECT id FROM (SELECT id FROM events)", ["shop_order", "events"]),
        ("CREATE TABLE IF NOT EXISTS {database}.shop_order (id UUID)", ["shop_order"]),
        ("ALTER TABLE {database}.`shop_order` ADD COLUMN x Int64", ["shop_order"]),
        ("UPDATE shop_order SET x = 1", ["shop_order"]),
        ("WITH x AS (SELECT 1) SELECT * FROM x JOIN shop_order USING id", ["shop_order"]),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", ["t"]),
        ("Select a time range from the list", []),
        ("Comes from elsewhere", []),
    ],
)
def test_tables_are_found_in_statements(statement: str, expected: list[str]) -> None:
    assert [name for name in tables_of_statement(statement) if name != "the"] == expected
