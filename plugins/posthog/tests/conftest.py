"""Requests as the host hands them over, and records as the log gives them back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from jackfield_posthog.capture import CAPTURE
from jackfield_sdk import SDK_CONFIG, CaptureRequest, HookPoint, ProjectInfo, Projects, Record, SdkConfig, SettingValue
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


class OneProject:
    """Projects of an installation that has one."""

    project = ProjectInfo(id=3, token="phc_testtoken0000000000000000000000000000000", name="Garden", timezone="UTC")

    def by_token(self, token: str) -> ProjectInfo | None:
        return self.project if token == self.project.token else None

    def by_id(self, project_id: int) -> ProjectInfo | None:
        return self.project if project_id == self.project.id else None


class Installation:
    """The context of a plugin among others."""

    plugin = "posthog"
    settings: Mapping[str, SettingValue] = {}

    def __init__(self, *services: tuple[type, object], sdk_config: Sequence[SdkConfig] = ()) -> None:
        self._services: dict[type, object] = {Projects: OneProject(), **dict(services)}
        self._sdk_config = sdk_config

    def project_settings(self, project_id: int) -> Mapping[str, SettingValue]:
        return {}

    def require(self, service: type) -> Any:
        return self._services[service]

    def find(self, service: type) -> Any:
        return self._services.get(service)

    def contributions(self, point: HookPoint[Any]) -> Sequence[Any]:
        assert point is SDK_CONFIG
        return self._sdk_config


@pytest.fixture(scope="session")
def installation() -> type[Installation]:
    """Build a context; without services it is an installation that has nothing but this plugin."""
    return Installation
