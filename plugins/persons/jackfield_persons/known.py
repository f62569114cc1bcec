"""Remembers which persons are stored, and which changes would not change them. Bounded; what it forgot is asked of the database again."""

from collections.abc import Iterable, Mapping
from typing import Final

PERSONS_PER_GENERATION: Final = 150_000
"""Two generations are kept: at most about 60 MB."""

SETTLED_PER_PERSON: Final = 4


class KnownPersons:
    """Persons that were seen lately. Two generations: whoever is seen again moves to the young one, the old one is dropped whole."""

    def __init__(self, size: int = PERSONS_PER_GENERATION) -> None:
        """Begin with nobody.

        Args:
            size: persons of one generation; a single batch may go beyond.
        """
        self._size = size
        self._young: dict[str, tuple[int, ...]] = {}
        self._old: dict[str, tuple[int, ...]] = {}

    def unknown(self, persons: set[str]) -> set[str]:
        """Return those of whom nothing is known. All others stay known until this is called again."""
        if len(self._young) > self._size:
            self._young, self._old = {}, self._young
        absent = persons.difference(self._young)
        if absent and self._old:
            returning = absent.intersection(self._old)
            self._young.update((person, self._old[person]) for person in returning)
            absent -= returning
        return absent

    def settled(self, person: str) -> tuple[int, ...]:
        """Return fingerprints of changes that would leave the person as it is."""
        return self._young.get(person, ())

    def remember(self, persons: Mapping[str, Iterable[int]]) -> None:
        """Take note of persons that are stored now, each with the changes that are settled, the latest last."""
        for person, settled in persons.items():
            self._young[person] = tuple(dict.fromkeys(settled))[-SETTLED_PER_PERSON:]
