"""The command line as its users meet it: real commands against a real server or a fresh data folder."""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.running import free_port

from jackfield import __version__
from jackfield_sdk.testing.server import Server


def test_the_version_is_told_without_starting_anything(run: Run) -> None:
    told = run("--version")

    assert (told.returncode, told.stdout) == (0, f"jackfield {__version__}\n")


def test_settings_name_default_source_and_meaning_and_keep_secrets(run: Run) -> None:
    listed = run("settings", "--json", JACKFIELD_BOOTSTRAP_PASSWORD="hidden", JACKFIELD_HOST="0.0.0.0")

    rows = {row["setting"]: row for row in json.loads(listed.stdout)}
    host = rows["JACKFIELD_HOST"]
    assert (host["default"], host["value"], host["source"]) == ("127.0.0.1", "0.0.0.0", "environment")
    assert rows["JACKFIELD_BOOTSTRAP_PASSWORD"]["value"] == "set"
    assert all(row["help"] for row in rows.values())
    assert "hidden" not in listed.stdout + run("settings", JACKFIELD_BOOTSTRAP_PASSWORD="hidden").stdout


def test_a_setting_that_does_not_convert_is_refused_by_name(run: Run) -> None:
    refused = run("settings", JACKFIELD_WEB_WORKERS="many")

    assert refused.returncode == 2
    assert refused.stderr == "jackfield: JACKFIELD_WEB_WORKERS is 'many', which is no int: Web worker processes.\n"


def test_plugins_are_listed_with_their_state(run: Run) -> None:
    rows = {row["name"]: row["state"] for row in json.loads(run("plugins", "list", "--json", JACKFIELD_PLUGINS_DISABLED="persons").stdout)}

    assert (rows["analytics"], rows["persons"]) == ("enabled", "disabled")


def test_plugins_info_lists_what_a_plugin_adds(run: Run) -> None:
    info = json.loads(run("plugins", "info", "analytics", "--json").stdout)

    assert info["requires"] == ["Queries"]
    assert [kind["name"] for kind in info["adds"]["register_query_kinds"]] == ["analytics.trend"]
    assert info["adds"]["register_frontend"] == [{"path": "/insights", "title": "Insights"}]


def test_an_unknown_plugin_is_named(run: Run) -> None:
    told = run("plugins", "info", "nobody")

    assert told.returncode == 2
    assert "No plugin 'nobody' is installed" in told.stderr


def test_doctor_finds_a_port_in_use(run: Run, server: Server) -> None:
    told = run("doctor", JACKFIELD_PORT=str(server.port))

    assert told.returncode == 1
    assert f"✗ port: 127.0.0.1:{server.port} cannot be used" in told.stdout


def test_up_refuses_a_port_in_use_before_it_changes_anything(run: Run, server: Server, tmp_path: Path) -> None:
    told = run("up", JACKFIELD_PORT=str(server.port))

    assert told.returncode == 2
    assert f"127.0.0.1:{server.port}" in told.stderr
    assert not (tmp_path / "data" / "jackfield.db").exists()


def test_a_user_can_be_made_and_given_a_new_password(run: Run) -> None:
    assert run("migrate").returncode == 0

    made = run("users", "create", "Grace@Example.com", "--role", "editor", stdin="long enough\n")
    again = run("users", "create", "grace@example.com", stdin="long enough\n")
    reset = run("users", "reset-password", "grace@example.com", JACKFIELD_PASSWORD="another one")
    short = run("users", "reset-password", "grace@example.com", JACKFIELD_PASSWORD="short")

    assert (made.returncode, made.stdout) == (0, "grace@example.com may sign in, as editor.\n")
    assert again.returncode == 2
    assert reset.stdout == "grace@example.com has a new password.\n"
    assert short.stderr == "jackfield: A password has at least 8 characters.\n"


def test_the_first_start_tells_a_made_up_password_once(run: Run) -> None:
    first, second = run("migrate"), run("migrate")

    assert "Password      " in first.stdout
    assert second.stdout == ""


def ask(server: Server, run: Run, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run("events", *arguments, JACKFIELD_URL=server.url, JACKFIELD_API_KEY=server.api_key)


def test_events_are_printed_one_json_object_a_line(run: Run, server: Server) -> None:
    name = f"printed {uuid.uuid4()}"
    server.capture([{"event": name, "distinct_id": "ada", "properties": {"n": number}} for number in range(3)])
    deadline = time.monotonic() + 20
    while len(ask(server, run, "--json", "--event", name).stdout.splitlines()) < 3 and time.monotonic() < deadline:
        time.sleep(0.2)

    lines = [json.loads(line) for line in ask(server, run, "--json", "--event", name, "--limit", "2").stdout.splitlines()]

    assert [set(line) for line in lines] == [{"uuid", "event", "distinct_id", "timestamp", "properties", "person_id"}] * 2
    assert {line["event"] for line in lines} == {name}


def test_events_are_followed_as_they_arrive(run: Run, server: Server) -> None:
    name = f"followed {uuid.uuid4()}"
    environment = {**os.environ, "JACKFIELD_URL": server.url, "JACKFIELD_API_KEY": server.api_key}
    command = [sys.executable, "-m", "jackfield.cli.main", "events", "--json", "--follow", "--event", name]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        time.sleep(1)
        server.capture([{"event": name, "distinct_id": "ada"}])
        line = following.stdout.readline()
        following.kill()

    assert json.loads(line)["event"] == name


def test_a_wrong_key_and_a_server_that_is_not_there_are_told_apart(run: Run, server: Server) -> None:
    wrong = run("events", JACKFIELD_URL=server.url, JACKFIELD_API_KEY="phx_wrong")
    gone = run("events", JACKFIELD_URL="http://127.0.0.1:9", JACKFIELD_API_KEY="phx_wrong")

    assert (wrong.returncode, gone.returncode) == (2, 75)
    assert "valid key" in wrong.stderr
    assert "cannot be reached" in gone.stderr


def test_a_start_that_cannot_succeed_ends_with_its_reason(run: Run, tmp_path: Path) -> None:
    assert run("migrate").returncode == 0
    (tmp_path / "data" / "store").write_text("in the way")

    told = run("up", JACKFIELD_PORT=str(free_port()))

    assert told.returncode == 2
    assert "jackfield: The event store" in told.stderr
    assert "engine cannot start" in told.stderr


def test_the_address_of_the_database_is_not_printed(run: Run) -> None:
    listed = run("settings", JACKFIELD_DATABASE_URL="postgresql://jackfield:hunter2@localhost/jackfield")

    assert listed.returncode == 0
    assert "hunter2" not in listed.stdout + listed.stderr


@pytest.mark.parametrize("command", [("plugins", "list"), ("plugins", "check"), ("migrate",)])
def test_a_misspelt_name_among_the_disabled_plugins_is_told(run: Run, command: tuple[str, ...]) -> None:
    told = run(*command, JACKFIELD_PLUGINS_DISABLED="persons,presons")

    assert told.returncode == 0
    assert "JACKFIELD_PLUGINS_DISABLED names 'presons', but no such plugin is installed" in told.stderr
    assert "'persons'" not in told.stderr
