"""What strangers send comes out as JSON that everybody reads, and what was fine comes out as it was."""

import json
import math
import time
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jackfield_sdk import Refused
from jackfield_sdk.strict_json import MAX_DEPTH, clean_object, clean_text, decode_leniently, openers, too_deep, with_finite_numbers

# JSON as text, for much of what comes in cannot be said in values.
FINE_STRINGS = st.one_of(
    st.sampled_from(
        ['"NaN"', '"-Infinity"', '":1e400,"', '"' + "9" * 400 + '"', r'"\\ud83d"', r'"\ud83d\ude00"', r'"\"[[{{"', r'"\u0000"', '"\\\\"']
    ),
    st.text(max_size=6).map(json.dumps),
    st.text(max_size=6).map(lambda text: json.dumps(text, ensure_ascii=False)),
)
FINE_SCALARS = st.one_of(
    FINE_STRINGS,
    st.sampled_from(["null", "true", "false", "-0", "1.50", "1e10", "-2E+8", "777e-777", "1" * 309, "0." + "1" * 400, "1" + "0" * 400 + "e-200"]),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
ODD_STRINGS = st.one_of(
    FINE_STRINGS,
    st.sampled_from([r'"\ud83d"', r'"\ude00\uD83D"', r'"\\\ud83d"', r'"\ud83d\\ude00"']),
    st.text(st.characters(codec=None), max_size=4).map(json.dumps),
)
ODD_SCALARS = st.one_of(
    FINE_SCALARS,
    ODD_STRINGS,
    st.sampled_from(["NaN", "Infinity", "-Infinity", "1e400", "-1E+999", "1e0400", "9" * 309, "9" * 5000]),
    st.sampled_from(["1" + "0" * 250 + "e99", "1" + "0" * 310 + ".5"]),
)
SPACE = st.sampled_from(["", " ", "\r\n\t"])


def objects(strings: st.SearchStrategy[str], scalars: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    def an_array(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.lists(st.builds("{}{}{}".format, SPACE, inner, SPACE), max_size=3).map(lambda texts: "[" + ",".join(texts) + "]")

    def an_object(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        members = st.builds("{}{}:{}{}".format, strings, SPACE, inner, SPACE)
        return st.lists(members, max_size=3).map(lambda texts: "{" + ",".join(texts) + "}")

    values = st.recursive(scalars, lambda inner: st.one_of(an_array(inner), an_object(inner)), max_leaves=6)
    return an_object(values).map(str.encode)


FINE_OBJECTS = objects(FINE_STRINGS, FINE_SCALARS)
ODD_OBJECTS = objects(ODD_STRINGS, ODD_SCALARS)
HOSTILE = [
    b'[NaN,"' + b'\\"' * 300_000,
    b"[" * 300 + b'"\\' * 300_000,
    b'{"a":' + b"9" * 1_000_000,
    b'{"a":NaN' * 100_000,
    b"[NaN," + b'"",' * 200_000,
    b'["' + b"\\ud83d" * 100_000,
    b'["\\ud83d' + b"\\n" * 300_000,
]


@settings(max_examples=400, deadline=None)
@given(ODD_OBJECTS)
@example(b'\xef\xbb\xbf {"a":NaN} \n')
@example(b'{"a":[1e400 , NaN],"\\ud83d":"\\ude00"}')
def test_what_comes_out_is_an_object_that_everybody_reads(text: bytes) -> None:
    clean = clean_object(text)

    members = json.loads(clean.decode(), parse_constant=_never, parse_float=_finite, parse_int=_finite)
    assert isinstance(members, dict)
    assert isinstance(msgspec.json.decode(clean), dict)
    json.dumps(members, ensure_ascii=False).encode()  # would fail for half a pair
    assert clean_object(clean) == clean


@settings(max_examples=400, deadline=None)
@given(FINE_OBJECTS)
def test_what_is_fine_stays_byte_for_byte(text: bytes) -> None:
    assert clean_object(text) == text


@settings(max_examples=200, deadline=None)
@given(st.lists(ODD_OBJECTS, max_size=4))
def test_objects_are_cleaned_together_as_alone(texts: list[bytes]) -> None:
    parsable = [decode_leniently(_as_text, clean_text(text)) for text in texts]

    assert list(with_finite_numbers(parsable)) == [clean_object(text) for text in texts]


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=20), st.sampled_from([b"", b"{", b'{"a":', b"\xef\xbb\xbf", b'{"NaN":"', b"[NaN,"]))
def test_anything_else_is_refused(rest: bytes, start: bytes) -> None:
    try:
        clean = clean_object(start + rest)
    except Refused as refused:
        assert refused.status == 400
    else:
        assert isinstance(json.loads(clean), dict)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'{"a":"\ud83d"}', {"a": "\ufffd"}),
        (r'{"a":"\ude00\ud83d\ude00","\uD800":"\\ud83d"}', {"a": "\ufffd😀", "\ufffd": r"\ud83d"}),
        ('{"a":NaN,"b":[-Infinity,"NaN"]}', {"a": None, "b": [None, "NaN"]}),
        ('{"a":1e400,"b":-1E+999,"c":1e300}', {"a": None, "b": None, "c": 1e300}),
        ('{"a":' + "9" * 400 + ',"b":' + "9" * 30 + "}", {"a": None, "b": int("9" * 30)}),
        ('{"a":1' + "0" * 250 + "e99}", {"a": None}),
        ('{"a":1' + "0" * 310 + ".5}", {"a": None}),
    ],
)
def test_what_no_reader_takes_is_replaced(written: str, read: dict[str, Any]) -> None:
    assert json.loads(clean_object(written.encode())) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "properties are not JSON"),
        (b'{"a":1', "properties are not JSON"),
        (b'{"a":-NaN}', "properties are not JSON"),
        (b'{"a":nullNaN}', "properties are not JSON"),
        (b'{"a":"\xff"}', "properties are not JSON"),
        (b'{"a":"\xed\xa0\x80"}', "properties are not JSON"),
        (b"[1]", "properties is no JSON object"),
        (b"NaN", "properties is no JSON object"),
        (b'{"a":' * 201 + b"1" + b"}" * 201, "properties are nested deeper than 200 levels"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "properties are nested deeper than 200 levels"),
    ],
)
def test_what_is_no_object_is_refused_in_words(text: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        clean_object(text)


def test_depth_counts_brackets_that_are_open_at_once() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert not too_deep(deepest)
    assert too_deep(b"[" + deepest + b"]")
    assert not too_deep(b"[" + b",".join([b"[]"] * 1000) + b"]")
    assert not too_deep(b'["' + b"[{" * 1000 + b'\\"[{"]')
    assert openers(b'[{"[":{}}]') == 4


def test_a_value_of_another_type_is_no_reason_to_read_again() -> None:
    seen: list[bytes] = []

    def decode(text: bytes) -> list[int]:
        seen.append(text)
        return msgspec.json.decode(text, type=list[int])

    with pytest.raises(msgspec.ValidationError):
        decode_leniently(decode, b'["NaN"]')

    assert seen == [b'["NaN"]']


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_costs_time_and_memory_in_proportion_to_its_length(text: bytes) -> None:
    started = time.process_time()
    tracemalloc.start()

    with pytest.raises(Refused):
        clean_object(text)
    too_deep(text)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * len(text)
    assert time.process_time() - started < 5


def _as_text(text: bytes) -> bytes:
    return bytes(msgspec.json.decode(text, type=msgspec.Raw))


def _never(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _finite(number: str) -> float:
    assert math.isfinite(float(number))
    return float(number)
