"""`jackfield events`: shows stored events of a running server, through its API."""

import http.client
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from jackfield_sdk import Misconfigured, Refused, Retryable

PAGE: Final = 100
POLL_SECONDS: Final = 1.0
OVERLAP: Final = timedelta(seconds=30)
"""Events become visible later than they were received, and not in that order: so much is asked for again, and told apart by uuid."""

_QUERY: Final = """query Events($project: Int!, $first: Int!, $after: String, $event: String, $receivedAfter: String) {
  project(number: $project) { events(first: $first, after: $after, event: $event, receivedAfter: $receivedAfter) {
    nodes { uuid event distinctId timestamp createdAt properties personId } pageInfo { endCursor hasNextPage } } }
}"""


def show_events(*, project: int | None, event: str | None, limit: int, follow: bool, as_json: bool) -> int:
    """Print the newest events, the oldest of them first; with `follow`, then those that arrive.

    Raises:
        Misconfigured: JACKFIELD_API_KEY is not set.
        Refused: the server does not accept the key or the question.
        Retryable: it cannot be reached.
    """
    api = _Api()
    number = project if project is not None else api.first_project()
    shown: dict[str, None] = {}
    newest = _collect(api, number, event, limit, received_after=None)
    for found in reversed(newest):
        _print(found, as_json=as_json)
        shown[found["uuid"]] = None
    since = max((found["createdAt"] for found in newest), default=datetime.now(UTC).isoformat())
    while follow:
        time.sleep(POLL_SECONDS)
        after = (datetime.fromisoformat(since) - OVERLAP).isoformat()
        arrived = [found for found in _collect(api, number, event, 10_000, received_after=after) if found["uuid"] not in shown]
        for found in sorted(arrived, key=lambda found: str(found["createdAt"])):
            _print(found, as_json=as_json)
            shown[found["uuid"]] = None
            since = max(since, found["createdAt"])
        while len(shown) > 100_000:
            del shown[next(iter(shown))]
    return 0


def _collect(api: "_Api", project: int, event: str | None, limit: int, *, received_after: str | None) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    after = None
    while len(nodes) < limit:
        variables = {"project": project, "first": min(PAGE, limit - len(nodes)), "after": after, "event": event, "receivedAfter": received_after}
        data = api.ask(_QUERY, variables)
        if data["project"] is None:
            raise Refused(f"There is no project {project} that this key may see.")
        page = data["project"]["events"]
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    return nodes


def _print(event: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        line = {
            "uuid": event["uuid"],
            "event": event["event"],
            "distinct_id": event["distinctId"],
            "timestamp": event["timestamp"],
            "properties": event["properties"],
            "person_id": event["personId"],
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)
    else:
        print(f"{event['timestamp']}  {event['event']:<30}  {event['distinctId']}", flush=True)


class _Api:
    """The GraphQL API of the server at JACKFIELD_URL."""

    def __init__(self) -> None:
        self._url = urlsplit(os.environ.get("JACKFIELD_URL", "http://127.0.0.1:8000"))
        self._key = os.environ.get("JACKFIELD_API_KEY", "")
        if not self._key:
            raise Misconfigured("JACKFIELD_API_KEY is not set; make a personal API key in the settings, or set JACKFIELD_BOOTSTRAP_PERSONAL_API_KEY.")

    def first_project(self) -> int:
        projects = self.ask("{ projects { number } }", {})["projects"]
        if not projects:
            raise Refused("This key may see no project.")
        return int(projects[0]["number"])

    def ask(self, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._url.hostname or "127.0.0.1", self._url.port, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"{self._url.path.rstrip('/')}/graphql", json.dumps({"query": query, "variables": variables}), headers)
            answer = connection.getresponse()
            document = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise Retryable(f"{self._url.geturl()} cannot be reached: {problem}. Set JACKFIELD_URL to where the server runs.") from problem
        finally:
            connection.close()
        if document.get("errors"):
            raise Refused("; ".join(error["message"] for error in document["errors"]))
        data: dict[str, Any] = document["data"]
        return data
