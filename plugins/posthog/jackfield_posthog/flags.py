"""Feature flags, `/flags` and `/decide`: reads the question, asks whoever decides flags, and answers in the shape that was asked for."""

from collections.abc import Callable, Mapping
from typing import Final, cast

import msgspec

from jackfield_posthog.answers import cors, error_reply
from jackfield_posthog.body import FORM, json_text, query_parameters
from jackfield_posthog.events import NO_ID
from jackfield_posthog.flag_shapes import Shape, asked_shape, shaped
from jackfield_posthog.remote_config import sdk_config
from jackfield_posthog.tokens import UNKNOWN, checked_token
from jackfield_sdk import CaptureRequest, Context, FlagEvaluator, HotRoute, Json, JsonObject, Projects, Refused, Reply, Retryable
from jackfield_sdk.identity import uuid7
from jackfield_sdk.strict_json import MAX_DEPTH, decode_leniently, too_deep

CONTENT_TYPES: Final = ("", "application/json", "text/plain", FORM)
ALIASES: Final[Mapping[str, str]] = {
    "api_key": "token",
    "$token": "token",
    "$distinct_id": "distinct_id",
    "anon_distinct_id": "$anon_distinct_id",
    "device_id": "$device_id",
    "$groups": "groups",
    "$properties": "person_properties",
    "$group_properties": "group_properties",
    "flag_keys_to_evaluate": "flag_keys",
    "evaluation_environments": "evaluation_contexts",
}
"""Other spellings of a question's members, and the one that evaluators see."""


def build_flags(context: Context) -> Callable[[CaptureRequest], Reply]:
    """Build the answer to `/flags` and `/decide`; without an evaluator no flag exists."""
    projects = context.require(Projects)
    evaluator = context.find(FlagEvaluator)
    config = sdk_config(context)

    def answer(request: CaptureRequest) -> Reply:
        if request.method == "OPTIONS":
            return Reply(status=204, headers=cors(request))
        if request.method in ("GET", "HEAD"):
            body = b"" if request.method == "HEAD" else msgspec.json.encode(config)
            return Reply(body=body, headers=cors(request))
        try:
            return Reply(body=decide(request), headers=cors(request))
        except (Refused, Retryable) as error:
            return error_reply(request, error)

    def decide(request: CaptureRequest) -> bytes:
        question = read_question(request)
        token = question.get("token")
        project = projects.by_token(checked_token(token if isinstance(token, str) else None))
        if project is None:
            raise Refused(UNKNOWN, status=401)
        if question.get("distinct_id") in (None, ""):
            raise Refused(NO_ID)
        shape = asked_shape(request.path, query_parameters(request.query))
        records: JsonObject = {}
        if evaluator is not None and question.get("disable_flags") is not True:
            records = evaluator.evaluate(project, question, request)
        envelope: JsonObject = {"requestId": str(uuid7()), "evaluatedAt": request.received_at // 1000}
        return msgspec.json.encode({**(_config_for(shape, config)), **shaped(records, shape), **envelope})

    return answer


def read_question(request: CaptureRequest) -> JsonObject:
    """Read the body, with every member under its usual name.

    Raises:
        Refused: 400, the body cannot be read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in CONTENT_TYPES:
        raise Refused(f"failed to decode request: unsupported content type {kind!r}")
    text = json_text(request, known_compression_only=True)
    if too_deep(text):
        raise Refused(f"failed to parse request: nested deeper than {MAX_DEPTH} levels")
    try:
        question = cast("Json", decode_leniently(msgspec.json.decode, text))
    except msgspec.DecodeError as problem:
        raise Refused(f"failed to parse request: {problem}") from problem
    if not isinstance(question, dict):
        raise Refused("failed to parse request: expected an object")
    return _usual_names(question)


def _usual_names(question: JsonObject) -> JsonObject:
    renamed: JsonObject = {ALIASES[name]: value for name, value in question.items() if name in ALIASES}
    for name, value in question.items():
        if name not in ALIASES and (value is not None or name not in renamed):
            renamed[name] = value
    distinct_id = renamed.get("distinct_id")
    if distinct_id is not None and not isinstance(distinct_id, str):
        renamed["distinct_id"] = msgspec.json.encode(distinct_id).decode()
    return renamed


def _config_for(shape: Shape, config: Mapping[str, Json]) -> Mapping[str, Json]:
    if not shape.config:
        return {}
    return {**config, "config": {"enable_collect_everything": True}} if shape.decide else config


FLAGS: Final = HotRoute(name="posthog.flags", paths=("/flags", "/decide"), methods=("GET", "HEAD", "POST", "OPTIONS"), build=build_flags)
