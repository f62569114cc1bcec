"""What happens to a request once it has been read: inspected, authorised, appended, answered. Knows neither HTTP servers nor event formats."""

import asyncio
import logging
import re
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeAlias

from jackfield.capture.bodies import Bodies
from jackfield.capture.client_address import ClientAddress
from jackfield.capture.routes import AnswerRoute, CaptureRoute, Route
from jackfield.storage.eventlog import LogWriter, RecordHeader, encode_record
from jackfield_sdk import CaptureRequest, Envelope, Outcome, Projects, Refused, Reply, Retryable
from jackfield_sdk.capture import error_status
from jackfield_sdk.compression import GZIP_MAGIC

log = logging.getLogger(__name__)

Answer: TypeAlias = Callable[[Reply], None]

LARGE_BODY_BYTES = 1024 * 1024
LARGE_GZIP_BYTES = 32 * 1024
"""Beyond these a body is inspected in a thread; a compressed one may grow a hundredfold, so it goes there sooner."""

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
INTERNAL_ERROR = Reply(status=500, body=b"internal error: the server's log names the cause", content_type="text/plain; charset=utf-8")


class Intake:
    """The way from a request to its answer. One per web worker; everything but large bodies runs on the event loop.

    Answers come by callback: no task and no future is made for a request.
    """

    def __init__(self, *, projects: Projects, log: LogWriter, bodies: Bodies, client_address: ClientAddress) -> None:
        """Connect the intake to what it uses; `bodies` and `client_address` are for those who read requests."""
        self.bodies = bodies
        self.client_address = client_address
        self._projects = projects
        self._log = log
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large-bodies")

    def take(self, route: Route, request: CaptureRequest, answer: Answer) -> None:
        """Answer a request that has been read whole; `answer` is called once, on the event loop, now or later."""
        if request.method not in route.methods:
            answer(self._method_refused(route, request))
        elif not isinstance(route, CaptureRoute):
            answer(_hot_answer(route, request))
        elif request.method == "OPTIONS":
            answer(self._respond(route, Outcome(request=request, envelope=Envelope(token="", count=0))))
        elif _is_large(request.body):
            self._take_large(route, request, answer)
        else:
            try:
                envelope = _inspect(route, request)
            except Exception as problem:  # a border: a plugin's mistake costs its own request only
                answer(self._failed(route, request, problem))
            else:
                self._keep(route, request, envelope, answer)

    def refuse(self, route: Route, request: CaptureRequest, error: Refused | Retryable) -> Reply:
        """Put an error of the transport into the words of the route's protocol."""
        if isinstance(route, CaptureRoute):
            return self._respond(route, Outcome(request=request, error=error))
        return error_reply(error)

    def close(self) -> None:
        """Commit what is queued, then stop."""
        self._large.shutdown()
        self._log.close()

    # -- steps -------------------------------------------------------------------------------------------------------

    def _take_large(self, route: CaptureRoute, request: CaptureRequest, answer: Answer) -> None:
        loop = asyncio.get_running_loop()

        def inspected(future: Future[Envelope]) -> None:
            loop.call_soon_threadsafe(self._large_inspected, route, request, future, answer)

        self._large.submit(_inspect, route, request).add_done_callback(inspected)

    def _large_inspected(self, route: CaptureRoute, request: CaptureRequest, future: Future[Envelope], answer: Answer) -> None:
        problem = future.exception()
        if problem is not None:
            answer(self._failed(route, request, problem))
        else:
            self._keep(route, request, future.result(), answer)

    def _keep(self, route: CaptureRoute, request: CaptureRequest, envelope: Envelope, answer: Answer) -> None:
        """Authorise, and append; the answer waits until the record is durable."""

        def done(error: Exception | None) -> None:
            outcome = Outcome(request=request, envelope=envelope) if error is None else Outcome(request=request, error=_not_kept(error))
            answer(self._respond(route, outcome))

        try:
            project = self._projects.by_token(envelope.token)
            if project is None:
                done(Refused("API key is not valid: unknown", status=401))
            elif not envelope.count:
                done(None)
            else:
                header = RecordHeader(
                    endpoint=route.name,
                    project_id=project.id,
                    received_at=request.received_at,
                    path=request.path,
                    query=request.query,
                    client_ip=request.client_ip,
                    headers=_kept_headers(route, request),
                )
                payload = encode_record(header, request.body)
                self._log.append(envelope.count, max(len(payload), envelope.decoded_bytes), payload, done)
        except Exception as problem:  # whatever keeps the log from taking it, the sender may try again
            done(problem)

    def _respond(self, route: CaptureRoute, outcome: Outcome) -> Reply:
        try:
            reply = route.endpoint.respond(outcome)
            _check_headers(reply)
        except Exception as problem:  # a border: plugin code
            _log_failure(route, "respond", problem)
            return INTERNAL_ERROR
        if isinstance(outcome.error, Retryable):
            return _with_header(reply, "retry-after", str(outcome.error.retry_after_seconds))
        return reply

    def _failed(self, route: CaptureRoute, request: CaptureRequest, problem: BaseException) -> Reply:
        if isinstance(problem, Refused | Retryable):
            return self._respond(route, Outcome(request=request, error=problem))
        _log_failure(route, "inspect", problem)
        return INTERNAL_ERROR

    def _method_refused(self, route: Route, request: CaptureRequest) -> Reply:
        allowed = ", ".join(sorted(route.methods))
        reply = self.refuse(route, request, Refused(f"{request.path} takes {allowed}, not {request.method}", status=405))
        return _with_header(reply, "allow", allowed)


def error_reply(error: Refused | Retryable) -> Reply:
    """Answer with an error's message as plain text."""
    reply = Reply(status=error_status(error), body=f"{error}\n".encode(), content_type="text/plain; charset=utf-8")
    return _with_header(reply, "retry-after", str(error.retry_after_seconds)) if isinstance(error, Retryable) else reply


def _inspect(route: CaptureRoute, request: CaptureRequest) -> Envelope:
    envelope = route.endpoint.inspect(request)
    if type(envelope) is not Envelope:
        raise TypeError("inspect must return an Envelope")
    return envelope


def _hot_answer(route: AnswerRoute, request: CaptureRequest) -> Reply:
    try:
        reply = route.answer(request)
        _check_headers(reply)
    except (Refused, Retryable) as error:
        return error_reply(error)
    except Exception as problem:  # a border: plugin code
        _log_failure(route, "answer", problem)
        return INTERNAL_ERROR
    return reply


def _is_large(body: bytes) -> bool:
    return len(body) > LARGE_GZIP_BYTES and (len(body) > LARGE_BODY_BYTES or body.startswith(GZIP_MAGIC))


def _kept_headers(route: CaptureRoute, request: CaptureRequest) -> dict[str, str]:
    headers = request.headers
    kept = {name: headers[name] for name in route.kept if name in headers}
    if route.kept_prefixes:
        kept.update((name, value) for name, value in headers.items() if name.startswith(route.kept_prefixes))
    return kept


def _not_kept(error: Exception) -> Refused | Retryable:
    if isinstance(error, Refused | Retryable):
        return error
    log.error("The event log did not take a record: %s: %s", type(error).__name__, error)
    return Retryable("transient error, please retry")


def _check_headers(reply: Reply) -> None:
    """Refuse headers that would end the header block, and with it forge an answer."""
    for name, value in reply.headers:
        text = name + value
        if not text.isascii() or not text.isprintable():  # the cheap test; the other is for the rest
            text.encode("latin-1")
            if CONTROL_CHARACTERS.search(text):
                raise ValueError("a header of the reply holds a control character")


def _with_header(reply: Reply, name: str, value: str) -> Reply:
    if any(given.lower() == name for given, _ in reply.headers):
        return reply
    return replace(reply, headers=(*reply.headers, (name, value)))


def _log_failure(route: Route, step: str, problem: BaseException) -> None:
    """Name plugin, route and place. The message of the exception is left out: it may quote the body or the token."""
    kind = "capture endpoint" if isinstance(route, CaptureRoute) else "hot route"
    place = "".join(traceback.format_tb(problem.__traceback__))
    log.error("Plugin %r: %s of %s %r raised %s:\n%s", route.plugin, step, kind, route.name, type(problem).__name__, place)
