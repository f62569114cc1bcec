"""What the documentation lists is what there is: settings, commands, files and links."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rules.repository import DOCS, ROOT, shown

from jackfield.cli.main import _parser
from jackfield.host.configuration import CORE_SETTINGS, MEBIBYTE
from jackfield_sdk import Setting

PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("core/*.md"), *ROOT.glob("sdk/python/*.md"), *ROOT.glob("plugins/*/*.md")])
DECISIONS = sorted(DOCS.glob("adr/[0-9]*.md"))
LINES_PER_PAGE = 50
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def test_the_table_of_settings_is_complete_and_true() -> None:
    expected = "\n".join(map(settings_row, CORE_SETTINGS))

    found = "\n".join(re.findall(r"^\| `JACKFIELD_.*\|$", (DOCS / "reference" / "settings.md").read_text(), re.MULTILINE))

    assert found == expected


def settings_row(setting: Setting) -> str:
    """Write a setting as the table has it."""
    value = setting.default
    if value is None or value == "":
        default = "–"
    elif isinstance(value, int) and not isinstance(value, bool) and value >= MEBIBYTE:
        default = f"`{value}` ({value // MEBIBYTE} MiB)"
    else:
        default = f"`{int(value) if isinstance(value, bool) else value}`"
    secret = "yes" if setting.secret else "–"
    return f"| `JACKFIELD_{setting.name.upper()}` | {setting.type.__name__} | {default} | {secret} | {setting.help} |"


def test_the_table_of_commands_is_complete_and_true() -> None:
    expected = sorted(commands(_parser(), "jackfield"))

    found = re.findall(r"^\| `(jackfield [^`]*)` \|", (DOCS / "reference" / "cli.md").read_text(), re.MULTILINE)

    assert sorted(found) == expected


def commands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """Yield each command with its options, as the table has them."""
    words: list[str] = []
    below: list[tuple[str, argparse.ArgumentParser]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = list(action.choices.items())
        elif isinstance(action, argparse._HelpAction):
            continue
        elif action.option_strings:
            value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
            words.append(f"[{action.option_strings[-1]}{value}]")
        elif action.choices:
            words.append("{" + ",".join(action.choices) + "}")
        else:
            word = str(action.metavar or action.dest.upper())
            words.append(f"[{word}]" if action.nargs in ("?", "*") else word)
    if words or not below:
        yield " ".join([name, *words])
    for command, child in below:
        yield from commands(child, f"{name} {command}")


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+://|mailto:|#)([^)#]+)[^)]*\)", CODE_BLOCK.sub("", page.read_text()))

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(r"`((?:core|sdk|plugins|frontend|docs)/[\w./-]+)`", CODE_BLOCK.sub("", page.read_text()))

    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_form_and_one_page(decision: Path) -> None:
    text = decision.read_text()

    assert re.findall(r"^## (.*)$", text, re.MULTILINE)[:3] == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= LINES_PER_PAGE


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    index = (DOCS / "README.md").read_text()

    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert [path.name for path in DECISIONS if f"adr/{path.name}" not in index] == []


def test_fragments_of_the_changelog_are_named_by_their_kind() -> None:
    names = [path.name for path in sorted(DOCS.glob("changes/*.md")) if path.name != "README.md"]

    assert [name for name in names if not re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed|deprecated)\.md", name)] == []


def test_every_page_can_be_found_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        linked = {(page.parent / target).resolve() for target in re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", page.read_text())}
        waiting += [target for target in linked - reached if target.is_relative_to(DOCS)]

    fragments = set(DOCS.glob("changes/*.md"))
    assert [shown(page) for page in sorted(set(DOCS.rglob("*.md")) - reached - fragments)] == []
