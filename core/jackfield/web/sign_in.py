"""Signing in and out: sessions for browsers, with a brake on guessing passwords."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from django.contrib.auth import authenticate, login, logout
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST

from jackfield.ui.shell import shell

FAILURES_ALLOWED: Final = 10
FAILURES_WITHIN_SECONDS: Final = 300
SUBJECTS_REMEMBERED: Final = 10_000


@require_http_methods(["GET", "HEAD", "POST"])
@ensure_csrf_cookie
def sign_in(request: HttpRequest) -> HttpResponse:
    """Serve the shell, which asks for e-mail and password; take them as JSON."""
    if request.method != "POST":
        return shell(request)
    given = _credentials(request)
    if given is None:
        return JsonResponse({"error": 'Send {"email": "…", "password": "…"} as JSON.'}, status=400)
    email, password = given
    subjects = (f"address {request.META.get('REMOTE_ADDR', '')}", f"e-mail {email}")
    wait = max(failures.seconds_to_wait(subject) for subject in subjects)
    if wait > 0:
        refusal = JsonResponse({"error": "Too many failed attempts. Try again in a few minutes."}, status=429)
        refusal["Retry-After"] = str(wait)
        return refusal
    user = authenticate(request, username=email, password=password)  # takes as long for an e-mail that nobody has
    if user is None:
        for subject in subjects:
            failures.note(subject)
        return JsonResponse({"error": "E-mail or password is wrong."}, status=400)
    failures.forget(subjects[1])
    login(request, user)
    return JsonResponse({"next": "/"})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return JsonResponse({})


def forged(_request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a request that did not prove to come from our own pages."""
    message = f"The request may be forged: {reason} Reload the page and try again."
    if reason.startswith("Origin checking failed"):
        message = f"{reason} Open this server under its public address, or set JACKFIELD_PUBLIC_URL to the one that you use."
    return JsonResponse({"error": message, "errors": [{"message": message, "extensions": {"code": "FORGED"}}]}, status=403)


class Failures:
    """Failed attempts of late, by address and e-mail, in the memory of this worker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def seconds_to_wait(self, subject: str) -> int:
        """Return how long a subject must wait before its next attempt; 0 when it need not."""
        with self._lock:
            times = self._recent(subject)
            return 0 if len(times) < FAILURES_ALLOWED else int(times[0] + FAILURES_WITHIN_SECONDS - self._clock()) + 1

    def note(self, subject: str) -> None:
        """Count a failure."""
        with self._lock:
            times = self._recent(subject)
            times.append(self._clock())
            self._times.pop(subject, None)
            self._times[subject] = times  # now the last in order
            while len(self._times) > SUBJECTS_REMEMBERED:
                del self._times[next(iter(self._times))]

    def forget(self, subject: str) -> None:
        """Count anew, after a success."""
        with self._lock:
            self._times.pop(subject, None)

    def _recent(self, subject: str) -> deque[float]:
        times = self._times.get(subject, deque(maxlen=FAILURES_ALLOWED))
        while times and times[0] <= self._clock() - FAILURES_WITHIN_SECONDS:
            times.popleft()
        return times


failures = Failures()


def _credentials(request: HttpRequest) -> tuple[str, str] | None:
    try:
        given = json.loads(request.body)
        email, password = given["email"], given["password"]
    except (ValueError, RecursionError, KeyError, TypeError, RequestDataTooBig, UnreadablePostError):
        return None
    if not isinstance(email, str) or not isinstance(password, str) or len(email) > 254 or len(password) > 1000:
        return None
    return email.strip().lower(), password
