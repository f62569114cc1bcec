"""`POST /graphql`: reads the request, finds out who asks, and hands over to `execution`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from jackfield.graphql.compose import Composed
from jackfield.graphql.execution import Operation, answer
from jackfield.graphql.limits import MAX_BODY_BYTES
from jackfield.graphql.request import ApiRequest
from jackfield.projects.access import Access, Viewer, viewer_of_key, viewer_of_user
from jackfield_sdk import Refused

API: Final = "jackfield.api"
"""Where a request's environment holds the process's `Api`."""


@dataclass(frozen=True, slots=True)
class Api:
    """What the view needs of the process."""

    composed: Composed
    access: Access
    require: Callable[[type[Any]], Any]


@csrf_exempt  # keys cannot be forged; sessions are checked below
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer a GraphQL request of a session or of a personal API key."""
    if request.method != "POST":
        return _refusal(405, "Send the query with POST, as application/json.", "REFUSED", Allow="POST")
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if not scheme and settings.SESSION_COOKIE_NAME in request.COOKIES:
        return _answer_session(request)
    viewer = viewer_of_key(key.strip()) if scheme.lower() == "bearer" else None
    return _answer(request, viewer)


@csrf_protect
def _answer_session(request: HttpRequest) -> HttpResponse:
    user = request.user
    return _answer(request, None if isinstance(user, AnonymousUser) else viewer_of_user(user))


def _answer(request: HttpRequest, viewer: Viewer | None) -> HttpResponse:
    if viewer is None:
        return _refusal(
            401, "Sign in, or send `Authorization: Bearer <personal API key>` with a valid key.", "UNAUTHENTICATED", **{"WWW-Authenticate": "Bearer"}
        )
    try:
        operation = read_operation(request)
    except Refused as problem:
        return _refusal(problem.status, str(problem), "REFUSED")
    api: Api = request.META[API]
    answered = answer(api.composed, operation, ApiRequest(viewer, api.access, api.require, api.composed.types))
    return _json(answered.status, answered.body)


def read_operation(request: HttpRequest) -> Operation:
    """Read the body of a request.

    Raises:
        Refused: it is no JSON object with a query, or too large.
    """
    if request.content_type != "application/json":
        raise Refused("Send Content-Type: application/json.", status=415)
    try:
        body = request.body
    except RequestDataTooBig as problem:
        raise Refused(f"The body is larger than {MAX_BODY_BYTES} bytes.", status=413) from problem
    except UnreadablePostError as problem:
        raise Refused("The body did not arrive whole.") from problem
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise Refused("The body is no JSON.") from problem
    if not isinstance(document, dict) or not isinstance(document.get("query"), str):
        raise Refused('The body must be a JSON object with a "query".')
    variables, name = document.get("variables"), document.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Refused('"variables" must be an object and "operationName" a text.')
    return Operation(document["query"], variables or {}, name or None)


def _refusal(status: int, message: str, code: str, **headers: str) -> HttpResponse:
    response = _json(status, {"errors": [{"message": message, "extensions": {"code": code}}]})
    for name, value in headers.items():
        response[name] = value
    return response


def _json(status: int, body: Any) -> HttpResponse:
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    return response
