"""Keeps `docs/schema.graphql` equal to the schema, and says which changes of it would break clients."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from graphql import GraphQLSchema, build_schema, find_breaking_changes, lexicographic_sort_schema, print_schema

from jackfield.graphql.compose import compose
from jackfield.host.registry import Registry
from jackfield.projects.access import Access
from jackfield_sdk import Permission

SNAPSHOT: Final = Path("docs/schema.graphql")


def main(registry: Registry, arguments: Sequence[str], *, path: Path = SNAPSHOT) -> int:
    """Compare the schema with the snapshot (`--check`) or write it anew (`--write`); return an exit code.

    `--write` refuses a change that breaks clients unless `--breaking` says that it is meant. Django must be configured.
    """
    text = printed(compose(registry, Access(item.value for item in registry.of(Permission))).schema)
    kept = path.read_text() if path.exists() else ""
    breaking = breaking_changes(kept, text)
    if "--write" not in arguments:
        if text == kept:
            return 0
        _say(f"{path} is not the schema of this code. Write it anew with --write.", *breaking)
        return 1
    if breaking and "--breaking" not in arguments:
        _say("The schema would break clients; add --breaking if that is meant.", *breaking)
        return 1
    path.write_text(text)
    return 0


def printed(schema: GraphQLSchema) -> str:
    """Print a schema in an order that does not depend on who came first."""
    return print_schema(lexicographic_sort_schema(schema)) + "\n"


def breaking_changes(kept: str, text: str) -> list[str]:
    """Say what of one printed schema no longer works in another."""
    if not kept.strip():
        return []
    return [change.description for change in find_breaking_changes(build_schema(kept), build_schema(text))]


def _say(*lines: str) -> None:
    sys.stderr.write("\n".join(lines) + "\n")
