"""The shapes in which SDKs of all ages want flags told. Knows records, not how they came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from jackfield_sdk import Json, JsonObject

Form: TypeAlias = Literal["list", "active", "v1", "v2"]
DECIDE_FORMS: Final[tuple[Form, ...]] = ("list", "list", "active", "v1", "v2")
"""By `v`; from 4 on the last."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How an answer must look.

    Args:
        config: the remote config is part of it.
        decide: it is an answer of the old route, whose config has a member more.
    """

    form: Form
    config: bool
    decide: bool = False


def asked_shape(path: str, query: Mapping[str, str]) -> Shape:
    """Return the shape that a request asks for."""
    version = _version(query.get("v", ""))
    if path.rstrip("/") == "/decide":
        return Shape(DECIDE_FORMS[min(version or 0, 4)], config=True, decide=True)
    asked = query.get("config")
    if version is None and asked is None:
        return Shape("v2", config=True)
    return Shape("v2" if version is not None and version >= 2 else "v1", config=asked is not None and asked.lower() in ("true", "1", ""))


def shaped(records: Mapping[str, Json], shape: Shape) -> JsonObject:
    """Tell flags in a shape; records are those of v2, with `value` and `failed`."""
    by_key: dict[str, JsonObject] = {key: record for key, record in records.items() if isinstance(record, dict)}
    failed = any(record.get("failed") is True for record in by_key.values())
    answer: JsonObject = {"errorsWhileComputingFlags": failed}
    if shape.form == "v2":
        return {**answer, "flags": dict(records)}
    values = {key: _value(record) for key, record in by_key.items()}
    if shape.form == "list":
        return {"featureFlags": [key for key, value in values.items() if value is not False], **answer}
    if shape.form == "active":
        return {"featureFlags": {key: value for key, value in values.items() if value is not False}, **answer}
    payloads: JsonObject = {key: payload for key, record in by_key.items() if (payload := _payload(record)) is not None}
    return {"featureFlags": values, "featureFlagPayloads": payloads, **answer}


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _value(record: JsonObject) -> Json:
    variant = record.get("variant")
    return variant if record.get("enabled") is True and isinstance(variant, str) else record.get("enabled") is True


def _payload(record: JsonObject) -> Json:
    metadata = record.get("metadata")
    return metadata.get("payload") if isinstance(metadata, dict) else None
