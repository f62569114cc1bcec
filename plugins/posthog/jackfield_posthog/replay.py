"""Session recordings, `/s`: finds the project and hands the request on to whoever keeps recordings, if anybody does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from jackfield_posthog.answers import OK, cors, error_reply
from jackfield_posthog.body import json_text
from jackfield_posthog.documents import read_document
from jackfield_posthog.events import common_token
from jackfield_posthog.tokens import UNKNOWN, checked_token
from jackfield_sdk import CaptureRequest, Context, HotRoute, Projects, Refused, ReplaySink, Reply, Retryable
from jackfield_sdk.capture import MEBIBYTE

MAX_WIRE_BYTES: Final = 25 * MEBIBYTE
NOT_KEPT: Final = msgspec.json.encode({"status": "Ok", "quota_limited": ["recordings"]})
"""Makes SDKs stop sending for a minute."""


def build_replay(context: Context) -> Callable[[CaptureRequest], Reply]:
    """Build the answer to `/s`."""
    projects = context.require(Projects)
    sink = context.find(ReplaySink)

    def answer(request: CaptureRequest) -> Reply:
        if request.method == "OPTIONS":
            return Reply(body=OK, headers=cors(request))
        if sink is None:
            return Reply(body=NOT_KEPT, headers=cors(request))
        try:
            document = read_document(json_text(request), stored=False)
            token = checked_token(document.token if document.token is not None else common_token(document))
            project = projects.by_token(token)
            if project is None:
                raise Refused(UNKNOWN, status=401)
            reply = sink.accept(project, request)
        except (Refused, Retryable) as error:
            return error_reply(request, error)
        return replace(reply, headers=(*cors(request), *reply.headers))

    return answer


REPLAY: Final = HotRoute(name="posthog.replay", paths=("/s",), methods=("GET", "POST", "OPTIONS"), build=build_replay, max_body_bytes=MAX_WIRE_BYTES)
