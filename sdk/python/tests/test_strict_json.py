"""What strangers send comes out as JSON that everybody reads, and what was fine comes out as it was."""

import json
import math
import time
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jackfield_sdk import Refused
from jackfield_sdk.strict_json import MAX_DEPTH, clean_object, clean_text, decode_leniently, openers, too_deep, with_finite_numbers

# JSON as text, for much of what comes in cannot be said in values.
FINE_SCALARS = st.one_of(
    st.sampled_from(["null", "true", "false", "-0", "1.50", "1e10", "-2E+8", "777e-777", "1" * 309, "0." + "1" * 400, "1" + "0" * 400 + "e-200"]),
    st.sampled_from(
        ['"NaN"', '"-Infinity"', '":1e400,"', '"' + "9" * 400 + '"', r'"\\ud83d"', r'"\ud83d\ude00"', r'"\"[[{{"', r'"\u0000"', '"\\\\"']
    ),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(max_size=6).map(json.dumps),
    st.text(max_size=6).map(lambda text: json.dumps(text, ensure_ascii=False)),
)
ODD_SCALARS = st.one_of(
    FINE_SCALARS,
    st.sampled_from(
        ["NaN", "Infinity", "-Infinity", "1e400", "-1E+999", "1e0400", "9" * 309, "9" * 5000, "1" + "0" * 250 + "e99", "1" + "0" * 310 + ".5"]
    ),
    st.sampled_from([r'"\ud83d"', r'"\ude00\uD83D"', r'"\\\ud83d"', r'"\ud83d\\ude00"']),
    st.text(st.characters(codec=None), max_size=4).map(json.dumps),
)


def objects(scalars: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    keys = scalars.filter(lambda text: text.startswith('"'))
    space = st.sampled_from(["", " ", "\r\n\t"])

    def nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        spaced = st.builds("{}{}{}".format, space, inner, space)
        members = st.builds("{}{}:{}".format, keys, space, spaced)
        return st.one_of(
            st.lists(spaced, max_size=3).map(lambda texts: "[" + ",".join(texts) + "]"),
            st.lists(members, max_size=3).map(lambda texts: "{" + ",".join(texts) + "}"),
        )

    return nest(st.recursive(scalars, nest, max_leaves=6)).filter(lambda text: text.startswith("{")).map(str.encode)


@settings(max_examples=400, deadline=None)
@given(objects(ODD_SCALARS))
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
@given(objects(FINE_SCALARS))
def test_what_is_fine_stays_byte_for_byte(text: bytes) -> None:
    assert clean_object(text) == text


@settings(max_examples=200, deadline=None)
@given(st.lists(objects(ODD_SCALARS), max_size=4))
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


@pytest.mark.parametrize(
    "text", [b'[NaN,"' + b'\\"' * 1_000_000, b"[" * 300 + b'"\\' * 1_000_000, b'{"a":' + b"9" * 2_000_000, b'{"a":NaN' * 200_000]
)
def test_hostile_texts_take_time_in_proportion_to_their_length(text: bytes) -> None:
    started = time.process_time()

    with pytest.raises(Refused):
        clean_object(text)
    too_deep(text)

    assert time.process_time() - started < 5


def _as_text(text: bytes) -> bytes:
    return bytes(msgspec.json.decode(text, type=msgspec.Raw))


def _never(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _finite(number: str) -> float:
    assert math.isfinite(float(number))
    return float(number)
