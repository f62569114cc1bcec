"""What events say of their person, read from the JSON of their properties. Knows no person and decides nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import msgspec

from jackfield_sdk import Json

ABSENT: Final = msgspec.Raw(b"")

PERSON_KEYS: Final = ("$set", "$set_once", "$unset")


class PersonKeys(msgspec.Struct, gc=False):
    """The members of an event's properties that concern its person; changes stay JSON text, for most of them are never looked into."""

    process_person_profile: object = msgspec.field(name="$process_person_profile", default=None)
    set: msgspec.Raw = msgspec.field(name="$set", default=ABSENT)
    set_once: msgspec.Raw = msgspec.field(name="$set_once", default=ABSENT)
    unset: msgspec.Raw = msgspec.field(name="$unset", default=ABSENT)

    def change_person(self) -> bool:
        """Tell whether there is anything but the flag."""
        return self.set is not ABSENT or self.set_once is not ABSENT or self.unset is not ABSENT


@dataclass(frozen=True, slots=True)
class Update:
    """A change that an event makes to its person's properties."""

    set: Mapping[str, Json]
    set_once: Mapping[str, Json]
    unset: Collection[str]


class PersonKeysReader:
    """Reads all events of a batch in one pass, 0.4 µs each.

    Transformer and sink share one, as a service: what the transformer read last is kept until the sink asks for the same texts.
    """

    def __init__(self) -> None:
        self._texts: Sequence[bytes] | None = None
        self._keys: Sequence[PersonKeys] = ()

    def read(self, texts: Sequence[bytes]) -> Sequence[PersonKeys]:
        """Read the properties of each event."""
        self._texts, self._keys = texts, list(map(_decode, texts))
        return self._keys

    def take(self, texts: Sequence[bytes]) -> Sequence[PersonKeys]:
        """Return what `read` found in the same column, and forget it; read another column anew."""
        if texts is not self._texts:  # columns of a batch are never changed in place, so the same object holds the same texts
            self.read(texts)
        keys, self._texts, self._keys = self._keys, None, ()
        return keys


def fingerprints(changes: Sequence[PersonKeys]) -> list[int]:
    """Return a number for each change that stands for it; equal texts have equal ones, within this process."""
    return [hash((bytes(keys.set), bytes(keys.set_once), bytes(keys.unset))) for keys in changes]


def read_update(keys: PersonKeys) -> Update:
    """Look into the texts; what is not of the shape that the protocol asks for changes nothing."""
    unset = msgspec.json.decode(keys.unset) if keys.unset is not ABSENT else ()
    names = unset if isinstance(unset, list | dict) else ()
    return Update(_members(keys.set), _members(keys.set_once), [name for name in names if isinstance(name, str)])


def _members(text: msgspec.Raw) -> Mapping[str, Json]:
    members = msgspec.json.decode(text) if text is not ABSENT else None
    return cast("Mapping[str, Json]", members) if isinstance(members, dict) else {}


_decode: Final = msgspec.json.Decoder(PersonKeys).decode
