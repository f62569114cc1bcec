"""Every hook of the contract, by the effect that a user sees."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest

from jackfield_example.guestbook import Guestbook
from jackfield_sdk import SDK_CONFIG, Database, Jobs, JsonObject, Refused, Reply
from jackfield_sdk.ast import Field, Order, Select, Table
from jackfield_sdk.identity import uuid7
from jackfield_sdk.testing import Stack, event

SIGNED = "guestbook signed"


def sign(stack: Stack, name: str = "Ada", message: str = "Hello!", token: str | None = None) -> Reply:
    form = {"token": stack.project.token if token is None else token, "name": name, "message": message}
    reply = stack.request("POST", "/guestbook/sign", urlencode(form).encode(), headers={"content-type": "application/x-www-form-urlencoded"})
    stack.process()
    return reply


def signature(name: object, message: object, distinct_id: str = "ada") -> JsonObject:
    return event(SIGNED, distinct_id, guest_name=name, message=message)


def book(stack: Stack, *fields: str) -> list[tuple[object, ...]]:
    """Read columns of the guestbook, sorted: entries of one batch are signed at the same time."""
    columns = [Field(name) for name in fields or ("guest_name", "message")]
    return [*stack.query(Select(columns=columns, source=Table("guestbook"), order_by=[Order(column) for column in columns]))]


# -- register_capture_endpoints --------------------------------------------------------------------------------------


def test_a_posted_form_becomes_an_event(stack: Stack) -> None:
    reply = sign(stack, "Ada", "Hello!")

    assert (reply.status, list(reply.headers)) == (303, [("location", f"/guestbook/of/{stack.project.token}?signed")])
    (found,) = stack.events()
    assert (found["event"], found["distinct_id"], found["properties"]) == (SIGNED, "Ada", {"guest_name": "Ada", "message": "Hello!"})


@pytest.mark.parametrize(
    ("form", "status", "answer"),
    [
        ({"name": "Ada", "message": "Hello!", "token": ""}, 401, "the form carries no project token\n"),
        ({"name": "Ada", "message": "Hello!", "token": "wrong"}, 401, "API key is not valid: unknown\n"),
        ({"name": "Ada", "message": " "}, 400, "please give your name and a message\n"),
        ({"name": "", "message": "Hello!"}, 400, "please give your name and a message\n"),
    ],
)
def test_what_is_no_signature_is_refused_with_a_reason(stack: Stack, form: dict[str, str], status: int, answer: str) -> None:
    reply = sign(stack, **form)

    assert (reply.status, reply.body.decode()) == (status, answer)
    assert stack.events() == []


# -- register_hot_routes, register_settings (project) ----------------------------------------------------------------


def test_the_form_greets_as_the_project_wants(stack: Stack) -> None:
    stack.set_project_settings("example", welcome="Come in & sign <3")

    reply = stack.request("GET", f"/guestbook/of/{stack.project.token}")

    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    assert "<h1>Come in &amp; sign &lt;3</h1>" in reply.body.decode()
    assert stack.request("GET", "/guestbook/of/nobody").status == 404


# -- register_transformers, register_settings (instance) -------------------------------------------------------------


def test_entries_are_tidied_on_their_way_in(stack: Stack) -> None:
    stack.configure(JACKFIELD_EXAMPLE_MESSAGE_LENGTH="11")

    stack.capture([signature(" Ada \n Lovelace", "Hello,   dear world"), signature(7, "Anonymous"), event("other", message="  as it was ")])

    assert book(stack) == [("Ada Lovelace", "Hello, dear"), ("somebody", "Anonymous")]
    assert [found["properties"] for found in stack.events() if found["event"] == "other"] == [{"message": "  as it was "}]


def test_an_empty_entry_is_dropped_with_a_reason(stack: Stack) -> None:
    stack.capture([signature("Ada", " \n "), signature("Ada", None)])

    assert stack.events() == []
    assert stack.dropped() == {"guestbook: the message is empty": 2}


# -- register_clickhouse, register_sinks, register_virtual_tables ----------------------------------------------------


def test_entries_are_kept_in_a_table_of_their_own(stack: Stack) -> None:
    sign(stack, "Ada", "Hello!")
    stack.capture([event("other")])

    assert stack.columns("example_entry")["signed_at"] == "DateTime64(6, 'UTC')"
    assert book(stack) == [("Ada", "Hello!")]
    assert book(stack, "uuid") == [(found["uuid"],) for found in stack.events() if found["event"] == SIGNED]


# -- register_settings (secret) --------------------------------------------------------------------------------------


def test_a_guest_has_one_pseudonym_under_the_projects_key(stack: Stack) -> None:
    stack.set_project_settings("example", pseudonym_key="open sesame")

    stack.capture([signature("Ada", "One", "ada"), signature("Ada", "Two", "ada"), signature("Bob", "Three", "bob")])

    by_message = dict(book(stack, "message", "pseudonym"))
    assert by_message["One"] == by_message["Two"] != by_message["Three"]
    assert {len(str(pseudonym)) for pseudonym in by_message.values()} == {12}


def test_without_a_key_guests_have_no_pseudonym(stack: Stack) -> None:
    sign(stack)

    assert book(stack, "pseudonym") == [("",)]


# -- register_promoted_properties, register_virtual_fields -----------------------------------------------------------


def test_the_guests_name_is_a_column_and_a_field_of_events(stack: Stack) -> None:
    stack.capture([signature("Ada", "Hello!"), event("other")])

    assert stack.columns("events")["p_guest_name"] == "Nullable(String)"
    rows = stack.query(Select(columns=[Field("event"), Field("guest_name")], source=Table("events"), order_by=[Order(Field("event"))]))
    assert rows == [(SIGNED, "Ada"), ("other", None)]


# -- register_subscribers --------------------------------------------------------------------------------------------


def test_a_guest_is_thanked_once(stack: Stack) -> None:
    stack.set_project_settings("example", thanks="Thank you, {name}.")

    sign(stack, "Ada")
    stack.capture([event("other")])
    stack.deliver()

    assert stack.context("example").require(Database).fetch("SELECT text FROM example_thanks") == [("Thank you, Ada.",)]


def test_nobody_is_thanked_while_the_project_has_no_words_for_it(stack: Stack) -> None:
    sign(stack)
    stack.deliver()

    assert stack.context("example").require(Database).fetch("SELECT text FROM example_thanks") == []


# -- register_query_kinds --------------------------------------------------------------------------------------------


def test_guests_are_ranked_by_their_entries(stack: Stack) -> None:
    stack.capture([signature("Cleo", "One"), signature("Bob", "Two"), signature("Cleo", "Three"), signature("Ada", "Four")])

    assert stack.ask("example.guests", {"limit": 2}) == {"guests": [{"name": "Cleo", "entries": 2}, {"name": "Ada", "entries": 1}]}
    with pytest.raises(Refused, match="from 1 to 100"):
        stack.ask("example.guests", {"limit": 0})


# -- register_graphql, register_permissions, register_django_apps ----------------------------------------------------


def test_members_read_the_guestbook_page_by_page(stack: Stack) -> None:
    stack.set_project_settings("example", thanks="Thank you, {name}.", welcome="Welcome!")
    for name in ("Ada", "Bob", "Cleo"):
        sign(stack, name, f"{name} was here.")
    stack.deliver()
    question = """
      query ($after: String) {
        projects { guestbookWelcome guestbook(first: 2, after: $after) { nodes { guestName message thanks } pageInfo { endCursor hasNextPage } } }
      }"""

    (first,) = stack.graphql(question)["projects"]
    (second,) = stack.graphql(question, {"after": first["guestbook"]["pageInfo"]["endCursor"]})["projects"]

    assert first["guestbookWelcome"] == "Welcome!"
    pages = [page["guestbook"]["nodes"] for page in (first, second)]
    assert [[entry["guestName"] for entry in entries] for entries in pages] == [["Cleo", "Bob"], ["Ada"]]
    assert pages[1] == [{"guestName": "Ada", "message": "Ada was here.", "thanks": "Thank you, Ada."}]


def test_pseudonyms_are_for_admins(stack: Stack) -> None:
    sign(stack)
    question = "{ projects { guestbook(first: 1) { nodes { pseudonym } } } }"

    assert stack.graphql(question, role="admin") == {"projects": [{"guestbook": {"nodes": [{"pseudonym": ""}]}}]}
    with pytest.raises(AssertionError, match=r"You lack the permission example\.pseudonym\.view"):
        stack.graphql(question, role="editor")


# -- register_services -----------------------------------------------------------------------------------------------


def test_others_read_the_guestbook_through_its_service(stack: Stack) -> None:
    sign(stack, "Ada", "Hello!")

    guestbook = stack.context("test").require(Guestbook)

    assert [(entry.guest_name, entry.message) for entry in guestbook.entries(stack.project.id, limit=10)] == [("Ada", "Hello!")]


# -- register_extensions ---------------------------------------------------------------------------------------------


def test_sdks_learn_where_to_sign(stack: Stack) -> None:
    contributed = stack.context("test").contributions(SDK_CONFIG)

    assert [one.members for one in contributed] == [{"guestbook": {"endpoint": "/guestbook/sign"}}]


# -- register_jobs ---------------------------------------------------------------------------------------------------


def give_thanks(stack: Stack, *days_ago: int) -> None:
    rows = [(uuid7(), stack.project.id, uuid7(), f"{days} days ago", datetime.now(UTC) - timedelta(days=days)) for days in days_ago]
    columns = ["id", "project_id", "entry", "text", "given_at"]
    stack.context("example").require(Database).upsert_many("example_thanks", columns, rows, key=["id"], update=[])


def test_old_thanks_are_forgotten(stack: Stack) -> None:
    stack.configure(JACKFIELD_EXAMPLE_THANKS_DAYS="30")
    give_thanks(stack, 29, 31, 400)

    UUID(stack.context("example").require(Jobs).enqueue("example.forget_thanks", {}))
    stack.run_jobs()

    assert stack.context("example").require(Database).fetch("SELECT text FROM example_thanks") == [("29 days ago",)]


def test_they_are_forgotten_every_night(stack: Stack) -> None:
    give_thanks(stack, 400)

    stack.fire_schedules(datetime.now(UTC) + timedelta(days=1))
    stack.run_jobs()

    assert stack.context("example").require(Database).fetch("SELECT text FROM example_thanks") == []


# -- register_frontend -----------------------------------------------------------------------------------------------


def test_the_page_stands_in_the_navigation_and_its_module_is_served(stack: Stack) -> None:
    (page,) = stack.graphql("{ pages { plugin path title entry } }")["pages"]
    module = stack.get(str(page["entry"]))

    assert (page["plugin"], page["path"], page["title"]) == ("example", "/guestbook", "Guestbook")
    assert (module.status, module.content_type) == (200, "text/javascript; charset=utf-8")
    assert b"guestbook" in module.body


# -- plugin_meta -----------------------------------------------------------------------------------------------------


def test_the_plugin_says_what_it_needs() -> None:
    from jackfield_example.plugin import plugin_meta

    meta = plugin_meta()

    assert (meta.name, [service.__name__ for service in meta.requires]) == ("example", ["Database", "Projects", "Queries", "TableWriter"])
