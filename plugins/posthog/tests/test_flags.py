"""`/flags` and `/decide`: the shape that each SDK asks for, with and without somebody who decides."""

import base64
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from jackfield_posthog.flags import FLAGS
from jackfield_sdk import CaptureRequest, FlagEvaluator, ProjectInfo, Refused, Retryable

from .conftest import NOW, Installation, MakeRequest

FIXTURES = Path(__file__).parent / "fixtures"
TOKEN = "phc_testtoken0000000000000000000000000000000"
QUESTION = json.dumps({"token": TOKEN, "distinct_id": "u"}).encode()
RECORDS: dict[str, Any] = {
    "on": {"key": "on", "enabled": True, "variant": None, "value": True, "metadata": {"payload": None}},
    "test": {"key": "test", "enabled": True, "variant": "b", "value": "b", "metadata": {"payload": '{"a":1}'}},
    "off": {"key": "off", "enabled": False, "variant": None, "value": False},
}
USUAL = {"api_key": "token", "device_id": "$device_id", "flag_keys_to_evaluate": "flag_keys"}
V1 = {"featureFlags": {"on": True, "test": "b", "off": False}, "featureFlagPayloads": {"test": '{"a":1}'}}


class Evaluator:
    """Decides always the same, and remembers what it was asked."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer
        self.asked: list[Mapping[str, Any]] = []

    def evaluate(self, project: ProjectInfo, request: Mapping[str, Any], sender: CaptureRequest) -> dict[str, Any]:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def _answer(request: CaptureRequest, context: Installation) -> Any:
    reply = FLAGS.build(context)(request)
    assert reply.status == 200
    answer = json.loads(reply.body)
    assert len(answer.pop("requestId")) == 36
    assert answer.pop("evaluatedAt") == NOW // 1000
    return answer


@pytest.mark.parametrize(
    ("path", "query", "expected", "with_config"),
    [
        ("/flags/", "v=2", {"flags": RECORDS}, False),
        ("/flags", "v=4", {"flags": RECORDS}, False),
        ("/flags/", "v=2&config=true", {"flags": RECORDS}, True),
        ("/flags/", "", {"flags": RECORDS}, True),
        ("/flags/", "v=x", {"flags": RECORDS}, True),
        ("/flags/", "v=1", V1, False),
        ("/flags/", "config=true", V1, True),
        ("/decide/", "v=4", {"flags": RECORDS}, True),
        ("/decide/", "v=3", V1, True),
        ("/decide/", "v=2", {"featureFlags": {"on": True, "test": "b"}}, True),
        ("/decide/", "v=1", {"featureFlags": ["on", "test"]}, True),
        ("/decide/", "", {"featureFlags": ["on", "test"]}, True),
    ],
)
def test_flags_come_in_the_shape_asked(
    path: str, query: str, expected: dict[str, Any], with_config: bool, installation: type[Installation], request_of: MakeRequest
) -> None:
    context = installation((FlagEvaluator, Evaluator(RECORDS)))

    answer = _answer(request_of(QUESTION, path=path, query=query), context)

    assert {name: answer[name] for name in expected} == expected
    assert answer["errorsWhileComputingFlags"] is False
    assert ("supportedCompression" in answer) is with_config
    assert answer.get("config") == ({"enable_collect_everything": True} if path == "/decide/" else None)
    assert with_config or set(answer) == {*expected, "errorsWhileComputingFlags"}


def test_without_an_evaluator_there_are_no_flags(installation: type[Installation], request_of: MakeRequest) -> None:
    assert _answer(request_of(QUESTION, path="/flags/", query="v=2"), installation()) == {"flags": {}, "errorsWhileComputingFlags": False}


def test_a_failed_flag_is_told(installation: type[Installation], request_of: MakeRequest) -> None:
    records = {"on": {**RECORDS["on"], "enabled": False, "failed": True}}

    answer = _answer(request_of(QUESTION, path="/flags/", query="v=2"), installation((FlagEvaluator, Evaluator(records))))

    assert answer == {"flags": records, "errorsWhileComputingFlags": True}


def test_the_evaluator_sees_usual_names(installation: type[Installation], request_of: MakeRequest) -> None:
    evaluator = Evaluator({})
    question = {
        "api_key": TOKEN,
        "$distinct_id": 5,
        "$groups": {"company": "c"},
        "groups": None,
        "$properties": {"a": 1},
        "flag_keys_to_evaluate": ["on"],
    }

    _answer(request_of(json.dumps(question).encode(), path="/flags/", query="v=2"), installation((FlagEvaluator, evaluator)))

    assert evaluator.asked == [{"token": TOKEN, "distinct_id": "5", "groups": {"company": "c"}, "person_properties": {"a": 1}, "flag_keys": ["on"]}]


def test_disabled_flags_are_not_decided(installation: type[Installation], request_of: MakeRequest) -> None:
    evaluator = Evaluator(RECORDS)
    question = json.dumps({"token": TOKEN, "distinct_id": "u", "disable_flags": True}).encode()

    assert _answer(request_of(question, path="/flags/", query="v=2"), installation((FlagEvaluator, evaluator)))["flags"] == {}
    assert evaluator.asked == []


def _recorded(*methods: str) -> list[Any]:
    found = []
    for path in sorted(FIXTURES.glob("*/*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        if recorded["request"]["path"].startswith("/flags/") and recorded["request"]["method"] in methods:
            found.append(pytest.param(recorded, id=f"{path.parent.name}/{path.stem}"))
    return found


@pytest.mark.parametrize("recorded", _recorded("POST"))
def test_recorded_questions_are_understood(recorded: dict[str, Any], installation: type[Installation], request_of: MakeRequest) -> None:
    evaluator = Evaluator(RECORDS)
    path, _, query = recorded["request"]["path"].partition("?")
    body = base64.b64decode(recorded["request"]["body_b64"])

    answer = _answer(request_of(body, path=path, query=query, headers=recorded["request"]["headers"]), installation((FlagEvaluator, evaluator)))

    assert answer["flags"] == RECORDS
    assert evaluator.asked == [{USUAL.get(name, name): value for name, value in recorded["decoded"].items()}]


@pytest.mark.parametrize("recorded", _recorded("OPTIONS"))
def test_recorded_preflights_are_allowed(recorded: dict[str, Any], installation: type[Installation], request_of: MakeRequest) -> None:
    sent = recorded["request"]["headers"]

    reply = FLAGS.build(installation())(request_of(method="OPTIONS", path="/flags/", headers=sent))

    assert (reply.status, reply.body) == (204, b"")
    assert dict(reply.headers)["access-control-allow-origin"] == sent["origin"]
    assert dict(reply.headers)["access-control-allow-headers"] == sent["access-control-request-headers"]


@pytest.mark.parametrize(
    "form", [gzip.compress(QUESTION), base64.b64encode(QUESTION), b"\xef\xbb\xbf" + QUESTION, QUESTION.replace(b"}", b',"x":NaN}')]
)
def test_bodies_come_in_all_forms(form: bytes, installation: type[Installation], request_of: MakeRequest) -> None:
    assert _answer(request_of(form, path="/flags/", query="v=2", headers={"content-type": "text/plain"}), installation())["flags"] == {}


@pytest.mark.parametrize(
    ("body", "query", "headers", "status", "message"),
    [
        (b"", "v=2", {}, 400, "request missing data payload"),
        (b"{", "v=2", {}, 400, "failed to parse request: Input data was truncated"),
        (b"[]", "v=2", {}, 400, "failed to parse request: expected an object"),
        (b"\xff", "v=2", {}, 400, "failed to decode request: invalid UTF-8 at byte 0"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "v=2", {}, 400, "failed to parse request: nested deeper than 200 levels"),
        (b'{"a":' * 9000 + b"1" + b"}" * 9000, "v=2", {}, 400, "failed to parse request: nested deeper than 200 levels"),
        (b"[" * 201 + b'"' + b'\\"' * 500_000, "v=2", {}, 400, "failed to parse request: nested deeper than 200 levels"),
        (QUESTION, "v=2&compression=zstd", {}, 400, "failed to decode request: unsupported compression 'zstd'"),
        (QUESTION, "v=2", {"content-type": "image/png"}, 400, "failed to decode request: unsupported content type 'image/png'"),
        (b'{"distinct_id":"u"}', "v=2", {}, 401, "event submitted without an api_key"),
        (b'{"token":"phc_other","distinct_id":"u"}', "v=2", {}, 401, "API key is not valid: unknown"),
        (b'{"token":"phx_mine","distinct_id":"u"}', "v=2", {}, 401, "API key is not valid: personal_api_key"),
        (json.dumps({"token": TOKEN}).encode(), "v=2", {}, 400, "event submitted without a distinct_id"),
        (json.dumps({"token": TOKEN, "distinct_id": ""}).encode(), "v=2", {}, 400, "event submitted without a distinct_id"),
    ],
)
def test_bad_questions_are_refused(
    body: bytes, query: str, headers: dict[str, str], status: int, message: str, installation: type[Installation], request_of: MakeRequest
) -> None:
    reply = FLAGS.build(installation())(request_of(body, path="/flags/", query=query, headers={"origin": "https://a.test", **headers}))

    assert (reply.status, reply.body.decode()) == (status, message)
    assert dict(reply.headers)["access-control-allow-origin"] == "https://a.test"


@pytest.mark.parametrize(
    ("error", "status", "retry_after"), [(Retryable("later", retry_after_seconds=3), 503, "3"), (Refused("no", status=402), 402, None)]
)
def test_an_evaluator_may_refuse(
    error: Exception, status: int, retry_after: str | None, installation: type[Installation], request_of: MakeRequest
) -> None:
    reply = FLAGS.build(installation((FlagEvaluator, Evaluator(error))))(request_of(QUESTION, path="/flags/", query="v=2"))

    assert (reply.status, dict(reply.headers).get("retry-after")) == (status, retry_after)


def test_get_is_the_config(installation: type[Installation], request_of: MakeRequest) -> None:
    answer = FLAGS.build(installation())

    assert json.loads(answer(request_of(method="GET", path="/flags/")).body)["autocapture_opt_out"] is False
    assert answer(request_of(method="HEAD", path="/flags/")).body == b""


def test_forms_are_read(installation: type[Installation], request_of: MakeRequest) -> None:
    body = b"data=" + quote_plus(base64.b64encode(QUESTION)).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}

    assert _answer(request_of(body, path="/flags/", query="v=2&compression=base64", headers=headers), installation())["flags"] == {}
