"""Reading what events say of their person."""

import pytest

from jackfield_persons.person_keys import PersonKeysReader, Update, fingerprints, read_update


def read(text: bytes):
    (keys,) = PersonKeysReader().read([text])
    return keys


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"$set":{"a":1},"$set_once":{"b":null},"$unset":["c"]}', Update({"a": 1}, {"b": None}, ["c"])),
        (b'{"$unset":{"c":1,"d":2}}', Update({}, {}, ["c", "d"])),
        (b'{"\\u0024set":{"a":1}}', Update({"a": 1}, {}, [])),
        (b'{"plan":{"$set":{"a":1}},"text":"\\"$set\\":{}"}', Update({}, {}, [])),
        (b'{"$set":"a","$set_once":[1],"$unset":"b"}', Update({}, {}, [])),
        (b'{"$set":null,"$unset":["c",1,null,["d"]]}', Update({}, {}, ["c"])),
        (b"{ }", Update({}, {}, [])),
    ],
)
def test_changes_are_read_and_what_has_another_shape_is_none(text, expected) -> None:
    assert read_update(read(text)) == expected


def test_only_texts_that_differ_have_different_fingerprints() -> None:
    keys = PersonKeysReader().read(
        [b'{"at":1,"$set":{"a":1}}', b'{"at":2,"$set":{"a":1}}', b'{"$set":{"a":2}}', b'{"$set_once":{"a":1}}', b'{"$unset":{"a":1}}']
    )

    marks = fingerprints(keys)

    assert marks[0] == marks[1]
    assert len(set(marks)) == 4


def test_what_was_read_of_a_column_is_handed_over_once() -> None:
    reader = PersonKeysReader()
    texts = [b'{"$set":{"a":1}}']
    keys = reader.read(texts)

    assert reader.take(texts) is keys
    assert reader.take(texts) is not keys
    assert reader.take([b"{}"])[0].change_person() is False
