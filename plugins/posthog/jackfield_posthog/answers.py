"""The answers of the protocol, and the headers that let browsers read them."""

from collections.abc import Sequence
from typing import Final

from jackfield_sdk import CaptureRequest, Outcome, Refused, Reply, Retryable

OK: Final = b'{"status":"Ok"}'
PLAIN_TEXT: Final = "text/plain; charset=utf-8"
TRANSIENT: Final = b"transient error, please retry"
PREFLIGHT_SECONDS: Final = "86400"
ANY_ORIGIN: Final = ("access-control-allow-origin", "*")
"""For files that are the same for everybody: no cookies, and caches need not tell origins apart."""


def respond(outcome: Outcome) -> Reply:
    """Answer a capture request. Success is 200 and nothing else: SDKs send again after any other 2xx."""
    if outcome.error is not None:
        return error_reply(outcome.request, outcome.error)
    return Reply(body=OK, headers=cors(outcome.request))


def error_reply(request: CaptureRequest, error: Refused | Retryable) -> Reply:
    """Put an error into the protocol's words.

    "Later" is 503, never 429: posthog-js throws a batch away on any 4xx.
    """
    headers = cors(request)
    if isinstance(error, Retryable):
        return Reply(status=503, body=TRANSIENT, content_type=PLAIN_TEXT, headers=(*headers, ("retry-after", str(max(1, error.retry_after_seconds)))))
    status = 503 if error.status == 429 else error.status
    return Reply(status=status, body=str(error).encode("utf-8", "replace"), content_type=PLAIN_TEXT, headers=headers)


def cors(request: CaptureRequest) -> Sequence[tuple[str, str]]:
    """Let the page that asks read the answer; requests that no page made need no headers."""
    origin = request.headers.get("origin")
    if not origin:
        return ()
    headers = [
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),  # beacons send cookies
        ("access-control-expose-headers", "Retry-After"),
    ]
    if request.method == "OPTIONS":
        headers += [("access-control-allow-methods", "GET, POST, OPTIONS"), ("access-control-max-age", PREFLIGHT_SECONDS)]
        asked = request.headers.get("access-control-request-headers")
        if asked:
            headers.append(("access-control-allow-headers", asked))
    return headers
