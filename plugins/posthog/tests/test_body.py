"""Body forms: whatever was done to the JSON text on its way is undone, within bounds."""

import base64
import gzip
import json
import zlib
from urllib.parse import quote, quote_plus

import pytest

from jackfield_posthog.body import MAX_JSON_BYTES, json_text
from jackfield_sdk import Refused

from .conftest import MakeRequest

FORM = {"content-type": "application/x-www-form-urlencoded"}
TEXT = json.dumps({"event": "a+b / ü?", "token": "phc_a", "distinct_id": ">>>???"}, ensure_ascii=False).encode()
BASE64 = base64.b64encode(TEXT)
LZ64 = {  # as lz-string 1.5.0 compresses to base64
    "Hello, world": b"BIUwNmD2A0AEDukBOYAmQ===",
    "": b"Q===",
    '[{"event":"$pageview","properties":{"token":"phc_a","distinct_id":"u","title":"Grün 😀"}}]': (
        b"NobwRApgbhB2AuYBcYAkAHAhgc2gSwgHcwAaMdAJwHt0IL4CBnZceKgazmXIAsBjAPqZSYACZ5GDWH3gC8o7gFcRDeABsI3AOIUAP7AAEgXg3AAHtgAvuYC6QA=="
    ),
}


def test_the_text_needs_both_letters_that_forms_and_base64_treat_specially() -> None:
    assert b"+" in BASE64 or b"/" in BASE64


@pytest.mark.parametrize(
    ("body", "query", "headers"),
    [
        pytest.param(TEXT, "", {}, id="plain"),
        pytest.param(TEXT, "compression=zstd", {}, id="unknown compression is plain"),
        pytest.param(gzip.compress(TEXT), "", {"content-type": "text/plain"}, id="gzip without a word"),
        pytest.param(gzip.compress(TEXT), "compression=gzip-js&ip=1&_=1795346456242&ver=1.160.0", {}, id="js 1.160"),
        pytest.param(gzip.compress(TEXT), "", {"content-encoding": "gzip"}, id="node"),
        pytest.param(gzip.compress(TEXT[:20]) + gzip.compress(TEXT[20:]) + b"\0" * 8, "", {}, id="gzip of two members"),
        pytest.param(b"data=" + quote_plus(BASE64).encode(), "compression=base64", FORM, id="form"),
        pytest.param(b"data=" + BASE64 + b"&compression=base64&ver=1", "", FORM, id="form, plus signs not escaped"),
        pytest.param(b"ver=1&compression=gzip-js&data=" + quote(BASE64).encode(), "", FORM, id="form with the wrong hint"),
        pytest.param(b"data=" + quote_plus(TEXT).encode(), "", FORM, id="form of plain JSON"),
        pytest.param(b"data=" + quote_plus(gzip.compress(TEXT)).encode(), "", FORM, id="form of gzip"),
        pytest.param(BASE64, "", {}, id="bare base64"),
        pytest.param(base64.b64encode(gzip.compress(TEXT)), "", {}, id="base64 of gzip"),
        pytest.param(b"", "data=" + quote_plus(BASE64), {}, id="GET of base64"),
        pytest.param(b"", "data=" + quote_plus(TEXT) + "&ip=1", {}, id="GET of plain JSON"),
        pytest.param(b"other", "data=" + quote_plus(TEXT), {}, id="the query comes first"),
    ],
)
def test_every_form_gives_the_same_text(body: bytes, query: str, headers: dict[str, str], request_of: MakeRequest) -> None:
    request = request_of(body, query=query, headers=headers)

    assert json_text(request, base64_again=True) == TEXT


@pytest.mark.parametrize(("text", "compressed"), LZ64.items(), ids=["short", "empty", "event"])
def test_lz64_is_read(text: str, compressed: bytes, request_of: MakeRequest) -> None:
    in_form = request_of(b"data=" + quote_plus(compressed).encode() + b"&compression=lz64", headers=FORM)
    not_escaped = request_of(b"data=" + compressed + b"&compression=lz64", headers=FORM)
    in_query = request_of(query="compression=lz-string&data=" + quote_plus(compressed))

    assert [json_text(request) for request in (in_form, not_escaped, in_query)] == [text.encode()] * 3


def test_base64_is_taken_off_a_second_time_only_where_old_sdks_put_it_on(request_of: MakeRequest) -> None:
    request = request_of(base64.b64encode(BASE64))

    assert json_text(request, base64_again=True) == TEXT
    assert json_text(request, base64_again=False) == BASE64


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        pytest.param(b"", {}, 400, "request missing data payload", id="empty"),
        pytest.param(b"data=&ver=1", FORM, 400, "request missing data payload", id="form without data"),
        pytest.param(TEXT, FORM, 400, "failed to decode request: expected form data in POST request payload", id="form type, no form"),
        pytest.param(BASE64, FORM, 400, "failed to decode request: expected form data in POST request payload", id="form type, base64"),
        pytest.param(gzip.compress(TEXT)[:-9], {}, 400, "failed to decode request: gzip body is truncated", id="truncated"),
        pytest.param(
            gzip.compress(TEXT) + gzip.compress(TEXT)[:-2], {}, 400, "failed to decode request: gzip body is truncated", id="second member truncated"
        ),
        pytest.param(
            gzip.compress(bytes(MAX_JSON_BYTES + 1), 9),
            {},
            413,
            f"maximum event size exceeded: the body holds more than {MAX_JSON_BYTES} bytes",
            id="bomb",
        ),
        pytest.param(
            gzip.compress(bytes(MAX_JSON_BYTES // 2 + 1), 9) * 2,
            {},
            413,
            f"maximum event size exceeded: the body holds more than {MAX_JSON_BYTES} bytes",
            id="bomb of two members",
        ),
        pytest.param(
            b"x" * 32769 + b"=", {"content-encoding": "lz64"}, 413, "maximum event size exceeded: lz64 bodies may have 32768 bytes", id="long lz64"
        ),
        pytest.param(b"~~~~", {"content-encoding": "lz64"}, 400, "failed to decode request: lz64 body is broken", id="broken lz64"),
    ],
)
def test_what_cannot_be_undone_is_refused(body: bytes, headers: dict[str, str], status: int, message: str, request_of: MakeRequest) -> None:
    with pytest.raises(Refused) as refused:
        json_text(request_of(body, headers=headers), base64_again=True)

    assert (str(refused.value), refused.value.status) == (message, status)


def test_a_hint_of_gzip_is_believed_outside_of_forms(request_of: MakeRequest) -> None:
    with pytest.raises(Refused, match="failed to decode request: gzip: "):
        json_text(request_of(zlib.compress(TEXT), headers={"content-encoding": "gzip"}))


@pytest.mark.parametrize("compression", ["zstd", "br", "x"])
def test_unknown_compressions_are_refused_where_asked(compression: str, request_of: MakeRequest) -> None:
    with pytest.raises(Refused, match="unsupported compression"):
        json_text(request_of(TEXT, query=f"compression={compression}"), known_compression_only=True)
