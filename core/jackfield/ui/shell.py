"""Serves the built shell, its files and those of plugins' pages. Files come from the packages, never from a path that a request names."""

import base64
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseNotModified, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_safe

from jackfield.host.registry import Registry
from jackfield_sdk import Frontend

UI: Final = "jackfield.ui"
"""Where a request's environment holds the process's `UiFiles`."""

FOREVER: Final = "public, max-age=31536000, immutable"
ASK_FIRST: Final = "no-cache"
HASHED: Final = re.compile(r"^assets/.*-[A-Za-z0-9_-]{8}\.\w+$")
IMPORT_MAP: Final = re.compile(r'<script type="importmap"[^>]*>(.*?)</script>', re.DOTALL)
NOT_BUILT: Final = (
    "<!doctype html><title>Jackfield</title><h1>The user interface is not built</h1>"
    "<p>Run <code>make build</code> in the repository, then reload this page. Wheels bring it along.</p>"
)


@dataclass(frozen=True, slots=True)
class UiFiles:
    """Folders that may be served: the shell's, and one for each plugin at its present version."""

    shell: Traversable
    plugins: Mapping[tuple[str, str], Traversable]


def ui_files(registry: Registry) -> UiFiles:
    """Find the folders of the shell and of all plugins with pages."""
    version = {plugin.name: plugin.version for plugin in registry.plugins}
    plugins = {(item.plugin, version[item.plugin]): files(item.value.package) / item.value.directory for item in registry.of(Frontend)}
    return UiFiles(files("jackfield.ui") / "static" / "shell", plugins)


@csrf_exempt  # only reads; and who sends something to a path that nobody serves must learn just that
@ensure_csrf_cookie
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """Serve the shell to who is signed in; send everybody else to sign in and back."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotFound(f"Nothing takes {request.method} at this path.\n", content_type="text/plain; charset=utf-8")
    if not request.accepts("text/html") or "." in path.rpartition("/")[2]:
        raise Http404
    if not request.user.is_authenticated:
        here = "/" + request.get_full_path().lstrip("/")  # two slashes would name another server
        return HttpResponseRedirect("/sign-in" if here == "/" else f"/sign-in?next={quote(here, safe='')}")
    return shell(request)


def shell(request: HttpRequest) -> HttpResponse:
    """Return the shell's document."""
    ui: UiFiles = request.META[UI]
    try:
        document = (ui.shell / "index.html").read_bytes()
    except FileNotFoundError:
        return _document(NOT_BUILT.encode(), status=503)
    return _document(document, status=200)


@require_safe
def shell_file(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a file of the shell; those with a hash in their names may be kept for ever."""
    ui: UiFiles = request.META[UI]
    return _file(request, ui.shell, path, FOREVER if HASHED.search(path) else ASK_FIRST)


@require_safe
def plugin_file(request: HttpRequest, plugin: str, version: str, path: str) -> HttpResponse:
    """Serve a file of a plugin's pages at its present version."""
    ui: UiFiles = request.META[UI]
    folder = ui.plugins.get((plugin, version))
    if folder is None:
        raise Http404
    return _file(request, folder, path, FOREVER)


def _file(request: HttpRequest, folder: Traversable, path: str, keep: str) -> HttpResponse:
    found = folder
    for part in path.split("/"):
        if part in ("", ".", "..") or "\\" in part or "\0" in part:
            raise Http404
        found = found / part
    if not found.is_file():
        raise Http404
    data = found.read_bytes()
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    known = etag in request.headers.get("If-None-Match", "")
    response = HttpResponseNotModified() if known else HttpResponse(data, content_type=_content_type(path))
    response["ETag"] = etag
    response["Cache-Control"] = keep
    return response


def _content_type(path: str) -> str:
    if path.endswith((".js", ".mjs")):
        return "text/javascript; charset=utf-8"
    if path.endswith(".woff2"):
        return "font/woff2"
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def _document(document: bytes, *, status: int) -> HttpResponse:
    response = HttpResponse(document, status=status)
    response["Content-Security-Policy"] = content_security_policy(document)
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=4)
def content_security_policy(document: bytes) -> str:
    """Allow our own files and the import map that stands in the document, by its hash, and nothing else."""
    found = IMPORT_MAP.search(document.decode())
    scripts = ["'self'"]
    if found:
        scripts.append(f"'sha256-{base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()}'")
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {' '.join(scripts)}",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )
