"""Remote config: switches on what somebody serves, and nothing else."""

import json
from typing import Any

import pytest

from jackfield_posthog.remote_config import REMOTE_CONFIG
from jackfield_posthog.static_files import StaticFiles
from jackfield_sdk import FlagEvaluator, Misconfigured, ReplaySink, SdkConfig

from .conftest import Installation, MakeRequest

TOKEN = "phc_testtoken0000000000000000000000000000000"
ALONE: dict[str, Any] = {
    "token": TOKEN,
    "supportedCompression": ["gzip", "gzip-js"],
    "analytics": {"endpoint": "/i/v0/e/"},
    "elementsChainAsString": True,
    "autocapture_opt_out": False,
    "hasFeatureFlags": False,
    "sessionRecording": False,
    "heatmaps": False,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocaptureExceptions": False,
    "surveys": False,
    "defaultIdentifiedOnly": True,
    "siteApps": [],
    "isAuthenticated": False,
    "toolbarParams": {},
}


def test_alone_it_offers_page_views_and_autocapture(installation: type[Installation], request_of: MakeRequest) -> None:
    reply = REMOTE_CONFIG.build(installation())(request_of(method="GET", path=f"/array/{TOKEN}/config", query="_=1795346456346"))

    assert (reply.status, reply.content_type, json.loads(reply.body)) == (200, "application/json", ALONE)
    assert dict(reply.headers) == {"access-control-allow-origin": "*", "cache-control": "public, max-age=60"}


def test_the_script_holds_the_same(installation: type[Installation], request_of: MakeRequest) -> None:
    reply = REMOTE_CONFIG.build(installation())(request_of(method="GET", path=f"/array/{TOKEN}/config.js"))

    before, _, rest = reply.body.decode().partition(f'window._POSTHOG_REMOTE_CONFIG["{TOKEN}"]={{config:')
    assert before == "(function(){window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};"
    assert rest.endswith(",siteApps:[]}})();")
    assert json.loads(rest.removesuffix(",siteApps:[]}})();")) == ALONE
    assert (reply.status, reply.content_type) == (200, "application/javascript; charset=utf-8")


@pytest.mark.skipif(not StaticFiles.of_package().version, reason="posthog-js is not built in")
def test_the_bundle_is_script_and_sdk(installation: type[Installation], request_of: MakeRequest) -> None:
    answer = REMOTE_CONFIG.build(installation())
    script = answer(request_of(method="GET", path=f"/array/{TOKEN}/config.js")).body

    reply = answer(request_of(method="GET", path=f"/array/{TOKEN}/array.js"))

    assert reply.body == script + b"\n" + (StaticFiles.of_package().content("array.js") or b"")


def test_plugins_switch_on_what_they_serve(installation: type[Installation], request_of: MakeRequest) -> None:
    context = installation(
        (FlagEvaluator, object()),
        (ReplaySink, object()),
        sdk_config=[SdkConfig(members={"surveys": True}), SdkConfig(members={"sessionRecording": {"endpoint": "/s/", "sampleRate": "0.5"}})],
    )

    reply = REMOTE_CONFIG.build(context)(request_of(method="GET", path=f"/array/{TOKEN}/config"))

    assert json.loads(reply.body) == {
        **ALONE,
        "hasFeatureFlags": True,
        "surveys": True,
        "sessionRecording": {"endpoint": "/s/", "sampleRate": "0.5"},
    }


def test_two_plugins_may_not_set_one_member(installation: type[Installation]) -> None:
    context = installation(sdk_config=[SdkConfig(members={"surveys": True}), SdkConfig(members={"surveys": False})])

    with pytest.raises(Misconfigured, match="Two plugins set the member 'surveys'"):
        REMOTE_CONFIG.build(context)


@pytest.mark.parametrize(
    "path",
    [
        "/array/phc_other/config.js",
        "/array/phc_other/config",
        "/array//config",
        "/array/",
        f"/array/{TOKEN}",
        f"/array/{TOKEN}/other.js",
        f"/array/{TOKEN}/../x",
    ],
)
def test_anything_else_is_not_found(path: str, installation: type[Installation], request_of: MakeRequest) -> None:
    reply = REMOTE_CONFIG.build(installation())(request_of(method="GET", path=path))

    assert (reply.status, dict(reply.headers)) == (404, {"access-control-allow-origin": "*"})


def test_head_has_no_body(installation: type[Installation], request_of: MakeRequest) -> None:
    reply = REMOTE_CONFIG.build(installation())(request_of(method="HEAD", path=f"/array/{TOKEN}/config"))

    assert (reply.status, reply.body) == (200, b"")
