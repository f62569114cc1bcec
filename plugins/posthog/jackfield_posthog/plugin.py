"""PostHog: takes what PostHog's SDKs send, and gives them what they ask for. Hook implementations only."""

from collections.abc import Sequence

from jackfield_sdk import CaptureEndpoint, FlagEvaluator, HotRoute, PluginMeta, Projects, PromotedProperty, ReplaySink, hookimpl


@hookimpl
def plugin_meta() -> PluginMeta:
    return PluginMeta(
        name="posthog",
        summary="Speaks the wire protocol of PostHog's SDKs: capture, remote config, flags, static files",
        api=">=0.1,<1",
        requires=(Projects,),
        uses=(FlagEvaluator, ReplaySink),
    )


@hookimpl
def register_capture_endpoints() -> Sequence[CaptureEndpoint]:
    from jackfield_posthog.capture import CAPTURE

    return [CAPTURE]


@hookimpl
def register_hot_routes() -> Sequence[HotRoute]:
    from jackfield_posthog.flags import FLAGS
    from jackfield_posthog.remote_config import REMOTE_CONFIG
    from jackfield_posthog.replay import REPLAY
    from jackfield_posthog.static_files import STATIC_FILES

    return [FLAGS, REMOTE_CONFIG, REPLAY, STATIC_FILES]


@hookimpl
def register_promoted_properties() -> Sequence[PromotedProperty]:
    few = ("$browser", "$os", "$device_type", "$geoip_country_code", "$pathname", "$referring_domain")
    return [*(PromotedProperty(name=name) for name in few), PromotedProperty(name="$current_url", kind="text")]
