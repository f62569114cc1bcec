"""Asks questions: from a kind and its parameters to an answer. Implements the SDK's `Queries`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jackfield.host.registry import Registry
from jackfield.query.catalog import Catalog
from jackfield.query.printer import print_query
from jackfield_sdk import JsonObject, Projects, QueryContext, QueryKind, Refused, Rows, ast
from jackfield_sdk.query import EventStore, QueryLimits


class Questions:
    """Compiles in the calling thread; the store runs what was printed."""

    def __init__(
        self,
        registry: Registry,
        catalog: Catalog,
        store: EventStore,
        projects: Projects,
        *,
        limits: QueryLimits,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._kinds: dict[str, QueryKind[Any]] = {item.value.name: item.value for item in registry.of(QueryKind)}
        self._catalog = catalog
        self._store = store
        self._projects = projects
        self._limits = limits
        self._clock = clock

    def ask(self, kind: str, project_id: int, parameters: JsonObject) -> JsonObject:
        """See `Queries.ask`."""
        found = self._kinds.get(kind)
        if found is None:
            raise Refused(f"There is no query kind {kind!r}; there are {', '.join(sorted(self._kinds)) or 'none'}.")
        project = self._projects.by_id(project_id)
        if project is None:
            raise Refused(f"There is no project {project_id}.", status=404)
        context = QueryContext(project_id=project_id, timezone=ZoneInfo(project.timezone), now=self._clock())
        question = found.parse(parameters)
        return found.shape(question, context, self.select(project_id, found.compile(question, context)))

    def select(self, project_id: int, query: ast.Select) -> Rows:
        """See `Queries.select`."""
        printed = print_query(query, self._catalog, project_id=project_id)
        return self._store.query(printed.sql, printed.parameters, limits=self._limits)
