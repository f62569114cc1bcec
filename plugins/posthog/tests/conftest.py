"""Requests as the host hands them over, and records as the log gives them back."""

from collections.abc import Callable, Mapping

import pytest

from jackfield_posthog.capture import CAPTURE
from jackfield_sdk import CaptureRequest, Record
from jackfield_sdk.batch import EventBatch

NOW = 1_795_346_457_000_000  # 2026-11-22T11:20:57Z

MakeRequest = Callable[..., CaptureRequest]
Decode = Callable[[CaptureRequest], EventBatch]


@pytest.fixture(scope="session")
def request_of() -> MakeRequest:
    """Build a request; a body that is no bytes is sent as JSON."""

    def make(
        body: bytes = b"",
        *,
        path: str = "/e/",
        query: str = "",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        client_ip: str = "203.0.113.7",
        received_at: int = NOW,
    ) -> CaptureRequest:
        return CaptureRequest(method=method, path=path, query=query, headers=headers or {}, body=body, client_ip=client_ip, received_at=received_at)

    return make


@pytest.fixture(scope="session")
def decoded() -> Decode:
    """Store a request as the host does, and decode it."""

    def decode(request: CaptureRequest) -> EventBatch:
        record = Record(
            id="log-file:7",
            project_id=3,
            endpoint=CAPTURE.name,
            path=request.path,
            query=request.query,
            headers={name: value for name, value in request.headers.items() if name in CAPTURE.keep_headers},
            client_ip=request.client_ip,
            received_at=request.received_at,
            body=request.body,
        )
        return CAPTURE.decode(record)

    return decode
