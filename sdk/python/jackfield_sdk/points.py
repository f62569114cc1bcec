"""Extension points that more than one plugin knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jackfield_sdk.extension import HookPoint
from jackfield_sdk.jsontypes import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkConfig:
    """Members that a plugin adds to the configuration which client SDKs fetch."""

    members: Mapping[str, Json]


SDK_CONFIG: Final = HookPoint("posthog.sdk_config", SdkConfig)
