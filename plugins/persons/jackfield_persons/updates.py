"""The rules by which events change a person's properties. Pure: knows neither batches nor databases."""

from collections.abc import Mapping
from typing import Final

import msgspec

from jackfield_persons.person_keys import Update
from jackfield_sdk import Json, JsonObject

NEVER_UPDATING: Final = frozenset({"$exception", "$$heatmap"})
"""Events that have a person but never change one: their properties tell of the page, not of who looked at it."""

MAX_PROPERTIES_BYTES: Final = 512 * 1024
"""Size of a person, as JSON, above which a change is not taken: a client that counts up names would fill the memory of whoever reads it."""


def apply_update(properties: JsonObject, update: Update) -> None:
    """Change properties in place.

    `$set_once` fills what is absent or null, `$set` overwrites it all the same, `$unset` has the last word. Whoever applies a sequence of
    updates a second time changes nothing.
    """
    for name, value in update.set_once.items():
        if properties.get(name) is None:
            properties[name] = value
    properties.update(update.set)
    for name in update.unset:
        properties.pop(name, None)


def canonical(properties: Mapping[str, Json]) -> bytes:
    """Write properties so that equal ones, and no others, have equal texts: 1, 1.0 and true are three values, the order of names is none."""
    return _encode(properties)


_encode: Final = msgspec.json.Encoder(order="deterministic").encode
