"""What a plugin shows: pages loaded at run time from its own wheel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KIT_VERSION: Final = "0.1.0"
"""Version of `@jackfield/kit` that the shell brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and its entry in the navigation. `path` is below the project, for example `/insights`."""

    path: str
    title: str
    order: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontend:
    """A built ES module within the plugin's package.

    Args:
        package: import package that holds `directory`.
        entry: module whose default export is what the kit's `definePage` returns.
        style: stylesheet to link first, if there is one.
        kit: range of kit versions that it was built for.
    """

    package: str
    pages: Sequence[Page]
    directory: str = "static"
    entry: str = "index.js"
    style: str | None = "index.css"
    kit: str = ">=0.1,<1"
