"""`POST /v1/events` as a client sees it, on the fast lane and through plain ASGI."""

import gzip
import json
from typing import Any

import pytest

from core.tests.web.conftest import Server


def event(**members: Any) -> dict[str, Any]:
    return {"event": "signed up", "distinct_id": "ada", **members}


def test_forms(server: Server) -> None:
    answer = server.send(json.dumps(event()))
    assert (answer.status, answer.json) == (200, {"accepted": 1, "refused": []})
