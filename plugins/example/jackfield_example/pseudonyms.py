"""Names under which guests can be told apart without saying who they are."""

import hmac
from collections.abc import Sequence
from typing import Final

from jackfield_sdk import Context

CHARACTERS: Final = 12


def pseudonyms(context: Context, project_ids: Sequence[int], distinct_ids: Sequence[str]) -> list[str]:
    """Return a pseudonym per row; empty where the project has no key."""
    keys = {project_id: context.project_settings(project_id)["pseudonym_key"] for project_id in set(project_ids)}
    return [pseudonym(keys[project_id], distinct_id) for project_id, distinct_id in zip(project_ids, distinct_ids, strict=True)]


def pseudonym(key: object, distinct_id: str) -> str:
    """Return the pseudonym of one guest."""
    return hmac.digest(key.encode(), distinct_id.encode(), "sha256").hex()[:CHARACTERS] if isinstance(key, str) and key else ""
