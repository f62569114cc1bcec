"""What the SDKs may do here: their configuration, as script, as JSON, and bundled with the SDK itself."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from jackfield_posthog.answers import ANY_ORIGIN, PLAIN_TEXT
from jackfield_posthog.static_files import JAVASCRIPT, StaticFiles
from jackfield_sdk import SDK_CONFIG, CaptureRequest, Context, FlagEvaluator, HotRoute, Json, JsonObject, Misconfigured, Projects, ReplaySink, Reply

PREFIX: Final = "/array/"
CACHE: Final = ("cache-control", "public, max-age=60")
"""A minute: a plugin that was switched on shows soon, and a busy page does not ask for every view."""

SCRIPT: Final = (
    "(function(){window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};window._POSTHOG_REMOTE_CONFIG[%s]={config:%s,siteApps:[]}})();"
)


def sdk_config(context: Context) -> Mapping[str, Json]:
    """Collect the configuration: page views and autocapture from us, everything else from the plugin that serves it.

    Raises:
        Misconfigured: two plugins set the same member.
    """
    config: JsonObject = {
        "supportedCompression": ["gzip", "gzip-js"],
        "analytics": {"endpoint": "/i/v0/e/"},
        "elementsChainAsString": True,
        "autocapture_opt_out": False,  # absent, autocapture stays off
        "hasFeatureFlags": context.find(FlagEvaluator) is not None,
        "sessionRecording": {"endpoint": "/s/"} if context.find(ReplaySink) is not None else False,  # absent, an older one lives on in the browser
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
    contributed: set[str] = set()
    for contribution in context.contributions(SDK_CONFIG):
        clash = contributed.intersection(contribution.members)
        if clash:
            raise Misconfigured(
                f"Two plugins set the member {min(clash)!r} of the configuration that SDKs fetch ({SDK_CONFIG.name}). "
                "Disable one of them with JACKFIELD_PLUGINS_DISABLED."
            )
        contributed.update(contribution.members)
        config.update(contribution.members)
    return config


def build_remote_config(context: Context) -> Callable[[CaptureRequest], Reply]:
    """Build the answers to `/array/<token>/config.js`, `…/config` and `…/array.js`."""
    projects = context.require(Projects)
    config = sdk_config(context)
    static_files = StaticFiles.of_package()

    def answer(request: CaptureRequest) -> Reply:
        token, _, file = request.path.removeprefix(PREFIX).rstrip("/").partition("/")
        if projects.by_token(token) is None:
            return _not_found("no project has this token")
        members = json.dumps({"token": token, **config}, separators=(",", ":"))
        if file == "config":
            return _found(request, members.encode(), "application/json")
        script = (SCRIPT % (json.dumps(token), members)).encode()
        if file == "config.js":
            return _found(request, script, JAVASCRIPT)
        library = static_files.content("array.js") if file == "array.js" else None
        if library is None:
            return _not_found(f"no such file: {file}" if file != "array.js" else "posthog-js is not built into this installation")
        return _found(request, script + b"\n" + library, JAVASCRIPT)

    return answer


def _found(request: CaptureRequest, body: bytes, content_type: str) -> Reply:
    return Reply(body=b"" if request.method == "HEAD" else body, content_type=content_type, headers=(ANY_ORIGIN, CACHE))


def _not_found(reason: str) -> Reply:
    return Reply(status=404, body=reason.encode("utf-8", "replace"), content_type=PLAIN_TEXT, headers=(ANY_ORIGIN,))


REMOTE_CONFIG: Final = HotRoute(name="posthog.remote_config", paths=(PREFIX + "*",), methods=("GET", "HEAD"), build=build_remote_config)
