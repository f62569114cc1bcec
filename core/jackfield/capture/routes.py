"""Which request paths capture endpoints and hot routes own, as one table made at boot. Knows no requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jackfield.host.host import Host
from jackfield_sdk import CaptureEndpoint, CaptureRequest, HotRoute, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRoute:
    """A capture endpoint as the web worker needs it.

    Args:
        kept: headers stored with a record, by exact name.
        kept_prefixes: the same, by how their name begins.
    """

    plugin: str
    name: str
    methods: frozenset[str]
    max_body_bytes: int
    endpoint: CaptureEndpoint
    kept: frozenset[str]
    kept_prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRoute:
    """A hot route, built for this worker."""

    plugin: str
    name: str
    methods: frozenset[str]
    max_body_bytes: int
    answer: Callable[[CaptureRequest], Reply]


Route: TypeAlias = CaptureRoute | AnswerRoute


class Routes:
    """Finds the route of a path: exact paths first, with and without trailing slash, then the longest prefix."""

    __slots__ = ("_exact", "_prefixes")

    def __init__(self, paths: Mapping[str, Route]) -> None:
        """Build the table.

        Args:
            paths: exact paths, or prefixes ending in `*`.
        """
        self._exact: dict[str, Route] = {}
        for path, route in paths.items():
            if not path.endswith("*"):
                bare = path.rstrip("/")
                self._exact[bare or "/"] = self._exact[bare + "/"] = route
        prefixes = {path[:-1]: route for path, route in paths.items() if path.endswith("*")}
        self._prefixes: Sequence[tuple[str, Route]] = sorted(prefixes.items(), key=lambda item: -len(item[0]))

    def find(self, path: str) -> Route | None:
        """Return who owns a path, None when nobody of capture does."""
        found = self._exact.get(path)
        if found is None:
            for prefix, route in self._prefixes:
                if path.startswith(prefix):
                    return route
        return found


def build_routes(host: Host) -> Routes:
    """Collect the paths of all capture endpoints and hot routes, and build the latter for this worker.

    Raises:
        PluginProblem: a hot route cannot be built.
    """
    paths: dict[str, Route] = {}
    for endpoint in host.registry.of(CaptureEndpoint):
        paths.update(dict.fromkeys(endpoint.value.paths, capture_route(endpoint.plugin, endpoint.value)))
    for hot in host.registry.of(HotRoute):
        paths.update(dict.fromkeys(hot.value.paths, _answer_route(hot.plugin, hot.value, host)))
    return Routes(paths)


def capture_route(plugin: str, endpoint: CaptureEndpoint) -> CaptureRoute:
    """Prepare one capture endpoint."""
    kept = [name.lower() for name in endpoint.keep_headers]
    return CaptureRoute(
        plugin=plugin,
        name=endpoint.name,
        methods=frozenset(endpoint.methods),
        max_body_bytes=endpoint.max_body_bytes,
        endpoint=endpoint,
        kept=frozenset(name for name in kept if not name.endswith("*")),
        kept_prefixes=tuple(name[:-1] for name in kept if name.endswith("*")),
    )


def _answer_route(plugin: str, hot: HotRoute, host: Host) -> AnswerRoute:
    answer = host.build(plugin, f"Hot route {hot.name!r}", hot.build)
    return AnswerRoute(plugin=plugin, name=hot.name, methods=frozenset(hot.methods), max_body_bytes=hot.max_body_bytes, answer=answer)
