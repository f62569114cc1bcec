"""Finds projects by token or number, from memory. Free of Django: the fast lane asks it for every request."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, cast

from jackfield_sdk import Database, JackfieldError, ProjectInfo

logger = logging.getLogger(__name__)

REFRESH_SECONDS: Final = 1.0


class ProjectDirectory:
    """All projects in memory, read anew at most once a second; implements the SDK's `Projects`.

    While the database does not answer, projects that were known before are still found: capture goes on.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._by_token: dict[str, ProjectInfo] = {}
        self._by_id: dict[int, ProjectInfo] = {}
        self._known = False
        self._fresh_until = float("-inf")
        self._lock = threading.Lock()

    def by_token(self, token: str) -> ProjectInfo | None:
        self._refresh()
        return self._by_token.get(token)

    def by_id(self, project_id: int) -> ProjectInfo | None:
        self._refresh()
        return self._by_id.get(project_id)

    def _refresh(self) -> None:
        if self._clock() < self._fresh_until:
            return
        if not self._lock.acquire(blocking=not self._known):
            return  # another thread is reading; what is known will do
        try:
            if self._clock() < self._fresh_until:
                return
            self._fresh_until = self._clock() + REFRESH_SECONDS
            rows = self._database.fetch("SELECT id, token, name, timezone FROM core_project", types=(int, str, str, str))
            projects = [ProjectInfo(*row) for row in cast("list[tuple[int, str, str, str]]", rows)]
            self._by_token = {project.token: project for project in projects}
            self._by_id = {project.id: project for project in projects}
            self._known = True
        except JackfieldError:
            if not self._known:
                self._fresh_until = float("-inf")
                raise
            logger.warning("Projects could not be read; going on with those known", exc_info=True)
        finally:
            self._lock.release()
