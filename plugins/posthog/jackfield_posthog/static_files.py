"""Serves posthog-js and the parts it loads later, from the npm package of the version that was built in."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jackfield_posthog.answers import ANY_ORIGIN, PLAIN_TEXT
from jackfield_sdk import CaptureRequest, Context, HotRoute, Reply

PREFIX: Final = "/static/"
VERSION_FILE: Final = "version.txt"
JAVASCRIPT: Final = "application/javascript; charset=utf-8"
FOREVER: Final = "public, max-age=31536000, immutable"
FIVE_MINUTES: Final = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file in memory.

    Args:
        gzipped: its compressed form, made when the plugin was built; None if there is none.
    """

    content: bytes
    gzipped: bytes | None
    etag: str


class StaticFiles:
    """The built files by name. Only names that were in the folder at start are ever looked up, so no path can lead elsewhere."""

    def __init__(self, folder: Path) -> None:
        """List a folder; files are read when they are first asked for, and kept."""
        self._paths: Mapping[str, Path] = {path.name: path for path in folder.glob("*.js")} if folder.is_dir() else {}
        self._files: dict[str, StaticFile] = {}
        version = folder / VERSION_FILE
        self.version = version.read_text(encoding="utf-8").strip() if version.is_file() else ""

    @classmethod
    def of_package(cls) -> "StaticFiles":
        """Open the files that come with this package."""
        return cls(Path(__file__).parent / "static")

    def content(self, name: str) -> bytes | None:
        """Return what is in a file, None if there is no such file."""
        found = self.file(name)
        return found.content if found else None

    def file(self, name: str) -> StaticFile | None:
        """Return a file, None if there is none."""
        found = self._files.get(name)
        if found is None and name in self._paths:
            path = self._paths[name]
            content = path.read_bytes()
            gzipped = path.with_name(name + ".gz")
            found = StaticFile(
                content=content,
                gzipped=gzipped.read_bytes() if gzipped.is_file() else None,
                etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
            )
            self._files[name] = found
        return found


def serve(files: StaticFiles) -> Callable[[CaptureRequest], Reply]:
    """Answer `/static/<file>` and `/static/<version>/<file>`.

    Another version than ours is 404: SDKs then ask for the file without version, and work with it.
    """

    def answer(request: CaptureRequest) -> Reply:
        version, _, name = request.path.removeprefix(PREFIX).rpartition("/")
        found = files.file(name) if version in ("", files.version) else None
        if found is None:
            reason = b"no such file" if files.version else b"posthog-js is not built into this installation"
            return Reply(status=404, body=reason, content_type=PLAIN_TEXT, headers=(ANY_ORIGIN,))
        headers = [
            ANY_ORIGIN,
            ("etag", found.etag),
            ("cache-control", FOREVER if version else FIVE_MINUTES),
            ("vary", "Accept-Encoding"),
        ]
        if found.etag in request.headers.get("if-none-match", ""):
            return Reply(status=304, content_type=JAVASCRIPT, headers=headers)
        body = found.content
        if found.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body = found.gzipped
            headers.append(("content-encoding", "gzip"))
        return Reply(body=b"" if request.method == "HEAD" else body, content_type=JAVASCRIPT, headers=headers)

    return answer


def build_static_files(_: Context) -> Callable[[CaptureRequest], Reply]:
    """Build the answers to `/static/…`."""
    return serve(StaticFiles.of_package())


STATIC_FILES: Final = HotRoute(name="posthog.static_files", paths=(PREFIX + "*",), methods=("GET", "HEAD"), build=build_static_files)
