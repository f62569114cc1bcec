"""`/s`: recordings go to whoever keeps them; without one SDKs are told to stop."""

import gzip
import json

import pytest

from jackfield_posthog.replay import REPLAY
from jackfield_sdk import CaptureRequest, ProjectInfo, ReplaySink, Reply, Retryable

from .conftest import Installation, MakeRequest

TOKEN = "phc_testtoken0000000000000000000000000000000"
SNAPSHOT = {"event": "$snapshot", "properties": {"token": TOKEN, "$session_id": "s", "$snapshot_data": []}}


class Keeper:
    """Keeps requests."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, CaptureRequest]] = []

    def accept(self, project: ProjectInfo, request: CaptureRequest) -> Reply:
        if request.query == "full":
            raise Retryable("full")
        self.kept.append((project.id, request))
        return Reply(body=b'{"status":"Ok"}')


def test_without_a_keeper_nothing_is_kept(installation: type[Installation], request_of: MakeRequest) -> None:
    reply = REPLAY.build(installation())(request_of(b"anything", path="/s/", headers={"origin": "https://a.test"}))

    assert (reply.status, reply.body) == (200, b'{"status":"Ok","quota_limited":["recordings"]}')
    assert dict(reply.headers)["access-control-allow-origin"] == "https://a.test"


@pytest.mark.parametrize("document", [[SNAPSHOT], SNAPSHOT, {"api_key": TOKEN, "batch": [SNAPSHOT]}])
def test_a_keeper_gets_the_request(document: object, installation: type[Installation], request_of: MakeRequest) -> None:
    keeper = Keeper()
    request = request_of(gzip.compress(json.dumps(document).encode()), path="/s/", headers={"origin": "https://a.test"})

    reply = REPLAY.build(installation((ReplaySink, keeper)))(request)

    assert (reply.status, reply.body) == (200, b'{"status":"Ok"}')
    assert dict(reply.headers)["access-control-allow-origin"] == "https://a.test"
    assert keeper.kept == [(3, request)]


@pytest.mark.parametrize(
    ("body", "query", "status", "message"),
    [
        (b"", "", 400, b"request missing data payload"),
        (b"[{}]", "", 401, b"event submitted without an api_key"),
        (b'[{"token":"phc_other"}]', "", 401, b"API key is not valid: unknown"),
        (json.dumps([SNAPSHOT]).encode(), "full", 503, b"transient error, please retry"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    body: bytes, query: str, status: int, message: bytes, installation: type[Installation], request_of: MakeRequest
) -> None:
    reply = REPLAY.build(installation((ReplaySink, Keeper())))(request_of(body, path="/s/", query=query))

    assert (reply.status, reply.body) == (status, message)


def test_preflights_are_allowed(installation: type[Installation], request_of: MakeRequest) -> None:
    reply = REPLAY.build(installation())(request_of(method="OPTIONS", path="/s/", headers={"origin": "https://a.test"}))

    assert (reply.status, reply.body) == (200, b'{"status":"Ok"}')
    assert dict(reply.headers)["access-control-allow-methods"] == "GET, POST, OPTIONS"
