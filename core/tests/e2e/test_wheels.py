"""From wheels alone, outside the repository: core without plugins, with each plugin alone, and plugins that come and go."""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.wheels import Environment, build_wheels, empty_environment, requirements_of

from jackfield_sdk.testing.server import Server, running_server

EXERCISE = Path(__file__).with_name("exercise.py")
NOT_IN_STANDARD = ["example", "template"]
PLUGINS = sorted(folder.parent.name for folder in Path(__file__).parents[3].glob("plugins/*/pyproject.toml") if folder.parent.name != "standard")
SEEN_SECONDS = 20.0


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """Core in an empty environment; the tests run in a folder of their own, so that nothing is found by accident."""
    folder = tmp_path_factory.mktemp("outside")
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        patch.delenv("PYTHONPATH", raising=False)
        yield empty_environment(folder / "environment", build_wheels(folder / "wheels"))


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """Give a data folder; afterwards no process may be left that uses it."""
    yield tmp_path / "data"
    assert processes_of(tmp_path / "data") == []


def processes_of(data: Path) -> list[str]:
    """Find running processes that were started for a data folder."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it may have ended meanwhile
            if f"JACKFIELD_DATA_DIR={data}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def stored_events(environment: Environment, server: Server, *, expected: int) -> list[str]:
    """Read names of stored events through the command line, once there are as many as expected."""
    deadline = time.monotonic() + SEEN_SECONDS
    while True:
        lines = environment.run("events", "--json", JACKFIELD_URL=server.url, JACKFIELD_API_KEY=server.api_key).splitlines()
        if len(lines) >= expected or time.monotonic() > deadline:
            return sorted(json.loads(line)["event"] for line in lines)


def test_core_without_plugins_stores_an_event_and_reads_it(environment: Environment, data: Path) -> None:
    with running_server(data, python=environment.python) as server:
        answer = server.capture([{"event": "alone", "distinct_id": "ada"}])

        assert answer == {"accepted": 1, "refused": []}
        assert server.request("GET", "/_ready")[0] == 200
        assert stored_events(environment, server, expected=1) == ["alone"]
        assert len(processes_of(data)) >= 4  # supervisor, engine, web, jobs: the search finds what it looks for
    assert environment.run("plugins", "list", "--json", JACKFIELD_DATA_DIR=str(data)).strip() == "[]"
    assert Path(environment.run_python("-c", "import jackfield; print(jackfield.__file__)").strip()).is_relative_to(environment.folder)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_each_plugin_works_alone(environment: Environment, data: Path, plugin: str) -> None:
    environment.install(f"jackfield-{plugin}")
    try:
        with running_server(data, python=environment.python) as server:
            server.capture([{"event": "with a plugin", "distinct_id": "ada"}])

            assert server.request("GET", "/_ready")[0] == 200
            assert stored_events(environment, server, expected=1) == ["with a plugin"]
            listed = json.loads(environment.run("plugins", "info", plugin, "--json", JACKFIELD_DATA_DIR=str(data)))
            assert server.graphql("{ pages { plugin } }")["pages"] == [{"plugin": plugin}] * len(listed["adds"].get("register_frontend", []))
        exercised = json.loads(environment.run_python(str(EXERCISE), plugin))
        assert exercised == sorted(listed["adds"])
    finally:
        environment.uninstall(f"jackfield-{plugin}")


def test_a_plugin_goes_and_comes_back_with_its_data(environment: Environment, data: Path) -> None:
    environment.install("jackfield-analytics", "jackfield-example")
    try:
        with running_server(data, python=environment.python) as server:
            server.capture([{"event": "guestbook signed", "distinct_id": "ada", "properties": {"guest_name": "Ada", "message": "Hello!"}}])
            assert stored_events(environment, server, expected=1) == ["guestbook signed"]
            assert guests(server) == ["Ada"]

        environment.uninstall("jackfield-example")
        with running_server(data, python=environment.python) as server:
            server.capture([{"event": "meanwhile", "distinct_id": "ada"}])
            assert stored_events(environment, server, expected=2) == ["guestbook signed", "meanwhile"]
            assert server.graphql("{ projects { trend(days: 2) { series { total } } } }") == {"projects": [{"trend": {"series": [{"total": 2.0}]}}]}
            assert server.request("GET", f"/guestbook/of/{server.token}")[0] == 302  # nobody's path: the shell asks to sign in
            with pytest.raises(AssertionError, match="guestbook"):
                guests(server)

        environment.install("jackfield-example")
        with running_server(data, python=environment.python) as server:
            assert guests(server) == ["Ada"]
            assert server.request("GET", f"/guestbook/of/{server.token}")[0] == 200
    finally:
        environment.uninstall("jackfield-analytics", "jackfield-example")


def guests(server: Server) -> list[str]:
    """Read the guestbook."""
    (project,) = server.graphql("{ projects { guestbook(first: 10) { nodes { guestName } } } }")["projects"]
    return [entry["guestName"] for entry in project["guestbook"]["nodes"]]


def test_the_standard_distribution_brings_every_first_party_plugin(environment: Environment) -> None:
    brought = sorted(requirement.name for requirement in requirements_of(environment.wheels, "jackfield-standard"))

    assert brought == ["jackfield", *(f"jackfield-{plugin}" for plugin in PLUGINS if plugin not in NOT_IN_STANDARD)]
