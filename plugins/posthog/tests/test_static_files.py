"""Static files: by version for ever, without version for a while, and never from elsewhere."""

import gzip
import json
from pathlib import Path

import pytest

from jackfield_posthog.static_files import STATIC_FILES, StaticFiles, serve

from .conftest import Installation, MakeRequest

FIXTURES = Path(__file__).parent / "fixtures"
SCRIPT = b"window.posthog={};\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    static.mkdir()
    (tmp_path / "secret.js").write_text("secret")
    (static / "surveys.js").write_bytes(SCRIPT)
    (static / "surveys.js.gz").write_bytes(gzip.compress(SCRIPT))
    (static / "loader.js").write_bytes(b"loader")
    (static / "version.txt").write_text("1.449.2\n")
    return static


@pytest.mark.parametrize(
    ("path", "cache_control"),
    [("/static/1.449.2/surveys.js", "public, max-age=31536000, immutable"), ("/static/surveys.js", "public, max-age=300")],
)
def test_a_file_is_served(path: str, cache_control: str, folder: Path, request_of: MakeRequest) -> None:
    reply = serve(StaticFiles(folder))(request_of(method="GET", path=path, query="v=1.449.2"))

    headers = dict(reply.headers)
    assert (reply.status, reply.body, reply.content_type) == (200, SCRIPT, "application/javascript; charset=utf-8")
    assert headers.pop("etag")
    assert headers == {"access-control-allow-origin": "*", "cache-control": cache_control, "vary": "Accept-Encoding"}


def test_who_takes_gzip_gets_it(folder: Path, request_of: MakeRequest) -> None:
    answer = serve(StaticFiles(folder))

    zipped = answer(request_of(method="GET", path="/static/surveys.js", headers={"accept-encoding": "gzip, br"}))
    plain = answer(request_of(method="GET", path="/static/loader.js", headers={"accept-encoding": "gzip, br"}))

    assert gzip.decompress(zipped.body) == SCRIPT
    assert dict(zipped.headers)["content-encoding"] == "gzip"
    assert plain.body == b"loader"
    assert "content-encoding" not in dict(plain.headers)


def test_what_a_browser_has_is_not_sent_again(folder: Path, request_of: MakeRequest) -> None:
    answer = serve(StaticFiles(folder))
    etag = dict(answer(request_of(method="GET", path="/static/surveys.js")).headers)["etag"]

    reply = answer(request_of(method="GET", path="/static/surveys.js", headers={"if-none-match": etag}))

    assert (reply.status, reply.body, dict(reply.headers)["etag"]) == (304, b"", etag)


@pytest.mark.parametrize(
    "path",
    [
        "/static/1.160.0/surveys.js",  # the SDK then asks without version
        "/static/other.js",
        "/static/",
        "/static/version.txt",
        "/static/surveys.js.gz",
        "/static/../secret.js",
        "/static/1.449.2/../../secret.js",
        "/static/..%2fsecret.js",
        "/static//surveys.js/..",
        "/static/1.449.2/x/surveys.js",
    ],
)
def test_nothing_else_can_be_reached(path: str, folder: Path, request_of: MakeRequest) -> None:
    reply = serve(StaticFiles(folder))(request_of(method="GET", path=path))

    assert (reply.status, reply.body, dict(reply.headers)) == (404, b"no such file", {"access-control-allow-origin": "*"})


def test_without_a_build_it_says_so(tmp_path: Path, request_of: MakeRequest) -> None:
    reply = serve(StaticFiles(tmp_path / "static"))(request_of(method="GET", path="/static/array.js"))

    assert (reply.status, reply.body) == (404, b"posthog-js is not built into this installation")


def _asked_files() -> list[str]:
    paths = [json.loads(path.read_text(encoding="utf-8"))["request"]["path"] for path in sorted(FIXTURES.glob("*/*.json"))]
    return sorted({path.partition("?")[0] for path in paths if path.startswith("/static/")})


@pytest.mark.skipif(not StaticFiles.of_package().version, reason="posthog-js is not built in")
@pytest.mark.parametrize("path", _asked_files())
def test_all_that_posthog_js_asked_for_is_there(path: str, installation: type[Installation], request_of: MakeRequest) -> None:
    assert STATIC_FILES.build(installation())(request_of(method="GET", path=path)).status == 200
