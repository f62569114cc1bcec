"""A wheel that knows the SDK alone adds one of everything; each effect is seen, and is gone when the contribution is removed."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from email import message_from_bytes
from pathlib import Path
from types import ModuleType

import pytest

from jackfield.cli.teststack import Home
from jackfield.host.discovery import discover
from jackfield.storage.ledger import LedgerEntry, purge
from jackfield.storage.schema import tables_of
from jackfield_sdk import Blobs, Database, Jobs, Refused
from jackfield_sdk.ast import Field, Select, Table
from jackfield_sdk.testing import Stack, event

SIGHTINGS = Select(columns=[Field("species")], source=Table("sightings"))


def endpoint_takes_sightings(stack: Stack) -> bool:
    try:
        stack.request("POST", "/sightings", f"{stack.project.token} robin".encode())
    except AssertionError:  # so the stack says that nobody serves the path
        return False
    stack.process()
    return [found["event"] for found in stack.events()] == ["bird seen"]


def transformer_names_species(stack: Stack) -> bool:
    stack.capture([event("bird seen", species=" grey HERON ")])
    return stack.events()[0]["properties"]["species"] == "Grey heron"


def setting_is_stamped_on_events(stack: Stack) -> bool:
    stack.configure(JACKFIELD_OUTSIDER_STATION="Heron Hide")
    stack.capture([event("bird seen", species="robin")])
    return stack.events()[0]["properties"]["station"] == "Heron Hide"


def table_is_there(stack: Stack) -> bool:
    return stack.columns("outsider_sighting") == {"team_id": "Int64", "species": "String"}


def sink_writes_the_table(stack: Stack) -> bool:
    stack.capture([event("bird seen", species="robin"), event("cat seen")])
    return stack.query(SIGHTINGS) == [("Robin",)]


def virtual_table_can_be_asked(stack: Stack) -> bool:
    try:
        return stack.query(SIGHTINGS) == []
    except Refused:
        return False


def subscriber_is_told(stack: Stack) -> bool:
    stack.capture([event("bird seen", species="robin"), event("cat seen")])
    stack.deliver()
    return len(list(stack.context("outsider").require(Blobs).keys("outsider/notes/"))) == 1


def query_kind_answers(stack: Stack) -> bool:
    stack.capture([event("bird seen", species=species) for species in ("robin", "heron", "robin")])
    try:
        return stack.ask("outsider.species", {}) == {"species": 2}
    except Refused:
        return False


def graphql_field_answers(stack: Stack) -> bool:
    try:
        return stack.graphql("{ projects { birdWatchers } }") == {"projects": [{"birdWatchers": "Birders of Default project"}]}
    except AssertionError:  # so the stack passes on that there is no such field
        return False


def job_runs(stack: Stack) -> bool:
    try:
        stack.context("outsider").require(Jobs).enqueue("outsider.report", {"month": 5})
    except Refused:
        return False
    stack.run_jobs()
    return stack.context("outsider").require(Blobs).get("outsider/report") == b'{"month": 5}'


def page_is_served(stack: Stack) -> bool:
    listed = [page["path"] for page in stack.graphql("{ pages { path } }")["pages"]] == ["/birds"]
    return listed and stack.get("/ui/plugins/outsider/1.2.0/index.js").status == 200


EFFECTS: Mapping[str, Callable[[Stack], bool]] = {
    "register_capture_endpoints": endpoint_takes_sightings,
    "register_transformers": transformer_names_species,
    "register_settings": setting_is_stamped_on_events,
    "register_clickhouse": table_is_there,
    "register_sinks": sink_writes_the_table,
    "register_virtual_tables": virtual_table_can_be_asked,
    "register_subscribers": subscriber_is_told,
    "register_query_kinds": query_kind_answers,
    "register_graphql": graphql_field_answers,
    "register_jobs": job_runs,
    "register_frontend": page_is_served,
}
STANDS_ON_IT: Mapping[str, Sequence[str]] = {"register_clickhouse": ["register_virtual_tables"]}
"""What has to go as well, because the host refuses to start without what it stands on."""

every_contribution = pytest.mark.parametrize("hook", EFFECTS)


@every_contribution
def test_a_contribution_has_its_effect(outsider: ModuleType, stack: Stack, hook: str) -> None:
    stack.use("outsider")

    assert EFFECTS[hook](stack)


@every_contribution
def test_the_effect_is_gone_without_the_contribution(outsider: ModuleType, stack: Stack, hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for removed in (hook, *STANDS_ON_IT.get(hook, ())):
        monkeypatch.delattr(outsider, removed)
    stack.use("outsider")

    assert not EFFECTS[hook](stack)


def test_purged_and_installed_again_it_starts_from_nothing(outsider: ModuleType, stack: Stack, stack_home: Home) -> None:
    stack.use("outsider")
    assert sink_writes_the_table(stack)
    entry = LedgerEntry(plugin="outsider", distribution="jackfield-outsider", version="1.2.0", metadata_tables=[], store_tables=["outsider_sighting"])

    purge(stack.context("outsider").require(Database), stack_home.store, entry)
    assert stack.columns("outsider_sighting") == {}

    again = stack_home.stack(["outsider"])
    assert virtual_table_can_be_asked(again)
    assert tables_of(stack_home.store, "outsider") == ["outsider_sighting"]


def test_the_plugin_comes_and_goes_with_its_wheel(outsider_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert discover(only=["outsider"]).plugins == []

    monkeypatch.syspath_prepend(outsider_folder)

    (found,) = discover(only=["outsider"]).plugins
    assert (found.distribution, found.version) == ("jackfield-outsider", "1.2.0")


def test_the_wheel_depends_on_the_sdk_alone_and_brings_its_page(outsider_wheel: Path) -> None:
    with zipfile.ZipFile(outsider_wheel) as wheel:
        names = wheel.namelist()
        metadata = message_from_bytes(wheel.read(next(name for name in names if name.endswith("/METADATA"))))

    assert metadata.get_all("Requires-Dist") == ["jackfield-sdk<1,>=0.1"]
    assert "jackfield_outsider/static/index.js" in names
