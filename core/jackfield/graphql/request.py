"""What one request carries from field to field: who asks, which project each place of the query lies below, and the loaders."""

import asyncio
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar, cast

from graphql import GraphQLResolveInfo
from graphql.pyutils import Path

from jackfield.projects.access import Access, Viewer
from jackfield_sdk import Misconfigured, ProjectInfo
from jackfield_sdk.graphql import Deferred, Loader, Type

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ApiRequest:
    """State of one request; graphql-core hands it to every resolver as `info.context`."""

    def __init__(self, viewer: Viewer, access: Access, require: Callable[[type[Any]], Any], types: Mapping[str, type[Type]]) -> None:
        self.viewer = viewer
        self.access = access
        self.require = require
        self.types: Final = types
        self._loaders: dict[type, _Loading[Any, Any]] = {}
        self._outside = Place(self, None)
        self._places: dict[int, Place] = {}
        self._node_types: dict[int, str] = {}
        self._paths: list[Path] = []  # kept alive: `_places` is keyed by their identity

    def place_of(self, root: Any, info: GraphQLResolveInfo, project_type: str) -> "Place":
        """Return the place of a field: below the nearest project on its path, or below none."""
        path = info.path.prev
        if path is None:
            return self._outside
        known = self._places.get(id(path))
        if known is None:
            known = self._place_below(root) if info.parent_type.name == project_type else self._place_above(path)
            self.set_place(path, known)
        return known

    def set_place(self, path: Path, place: "Place") -> None:
        """Say that the object at a path lies at a place."""
        self._places[id(path)] = place
        self._paths.append(path)

    def set_node(self, path: Path, place: "Place", type_name: str) -> None:
        """Say of which type the object at a path is, and where it lies."""
        self.set_place(path, place)
        self._node_types[id(path)] = type_name

    def node_type(self, path: Path) -> str:
        """Return the type of the object at a path."""
        return self._node_types[id(path)]

    def place_in(self, project: ProjectInfo) -> "Place":
        """Return a new place below a project."""
        return Place(self, project)

    def loader(self, kind: type[Loader[K, V]]) -> "_Loading[K, V]":
        found = self._loaders.get(kind)
        if found is None:
            found = self._loaders[kind] = _Loading(kind(self.require), self)
        return cast("_Loading[K, V]", found)

    @contextmanager
    def blocking(self) -> Iterator[None]:
        """Let code use the ORM within the request's event loop.

        Django refuses its ORM while a loop runs in the thread, because it would hold up whatever else runs there. On this loop, which
        belongs to one request, nothing else does (`docs/adr/0004-graphql-loaders.md`).
        """
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            yield
        finally:
            asyncio._set_running_loop(loop)

    def _place_below(self, project: ProjectInfo) -> "Place":
        return Place(self, project)

    def _place_above(self, path: Path) -> "Place":
        above = path.prev
        while above is not None:
            known = self._places.get(id(above))
            if known is not None:
                return known
            above = above.prev
        return self._outside


class Place:
    """The request seen from one place of the query; implements the SDK's `ApiContext`."""

    __slots__ = ("_decided", "_project", "request")

    def __init__(self, request: ApiRequest, project: ProjectInfo | None) -> None:
        self.request = request
        self._project = project
        self._decided: dict[str, bool] = {}

    @property
    def viewer(self) -> Viewer:
        return self.request.viewer

    @property
    def project(self) -> ProjectInfo:
        if self._project is None:
            raise Misconfigured("This field lies below no project; extend the type Project instead, or take the project as an argument.")
        return self._project

    def may(self, permission: str) -> bool:
        known = self._decided.get(permission)
        if known is None:
            project_id = None if self._project is None else self._project.id
            known = self._decided[permission] = self.request.access.allows(self.viewer, permission, project_id)
        return known

    def require(self, service: type[T]) -> T:
        return cast("T", self.request.require(service))

    def loader(self, kind: type[Loader[K, V]]) -> "_Loading[K, V]":
        return self.request.loader(kind)


class _Loading(Generic[K, V]):
    """A loader in use: collects keys until every field that could ask has asked, then fetches them at once."""

    def __init__(self, loader: Loader[K, V], request: ApiRequest) -> None:
        self._loader = loader
        self._request = request
        self._asked: dict[K, _Asked[K, V]] = {}
        self._waiting: dict[K, _Asked[K, V]] = {}

    def load(self, key: K) -> Deferred[V]:
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = self._waiting[key] = _Asked(self)
        return found

    def fetch(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            with self._request.blocking():
                found = self._loader.fetch(list(waiting))
        except Exception as problem:  # it reaches every field that waits, which reports it
            for asked in waiting.values():
                asked.fail(problem)
        else:
            for key, asked in waiting.items():
                asked.answer(found.get(key))


class _Asked(Generic[K, V]):
    """A value that somebody asked for."""

    __slots__ = ("_answered", "_futures", "_loading", "_problem", "_value")

    def __init__(self, loading: _Loading[K, V]) -> None:
        self._loading = loading
        self._answered = False
        self._value: V | None = None
        self._problem: Exception | None = None
        self._futures: list[asyncio.Future[None]] = []

    def __await__(self) -> Generator[Any, None, V | None]:
        if not self._answered:
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            self._futures.append(future)
            loop.call_soon(self._loading.fetch)
            yield from future
        if self._problem is not None:
            raise self._problem
        return self._value

    def answer(self, value: V | None) -> None:
        self._value = value
        self._finish()

    def fail(self, problem: Exception) -> None:
        self._problem = problem
        self._finish()

    def _finish(self) -> None:
        self._answered = True
        for future in self._futures:
            if not future.done():
                future.set_result(None)
