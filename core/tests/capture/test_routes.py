"""Which path belongs to whom."""

import pytest

from jackfield.capture.plain_events import PLAIN_EVENTS
from jackfield.capture.routes import AnswerRoute, CaptureRoute, Route, Routes, build_routes, capture_route
from jackfield.errors import PluginProblem
from jackfield.host.host import Host
from jackfield.host.registry import Contributed, Registry
from jackfield_sdk import CaptureEndpoint, CaptureRequest, Context, HotRoute, Reply


def hot(name: str) -> Route:
    return AnswerRoute(plugin="p", name=name, methods=frozenset({"GET"}), max_body_bytes=1, answer=lambda _request: Reply())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/e", "core.events"),
        ("/e/", "core.events"),
        ("/e//", None),
        ("/E", None),
        ("/", "root"),
        ("/static/a.js", "static"),
        ("/static/special/a.js", "special"),
        ("/static/special/exact", "exact"),
        ("/static", None),
        ("/elsewhere", None),
        ("", None),
    ],
)
def test_find(path: str, expected: str | None) -> None:
    endpoint = capture_route("core", PLAIN_EVENTS)
    routes = Routes(
        {"/e": endpoint, "/": hot("root"), "/static/*": hot("static"), "/static/special/*": hot("special"), "/static/special/exact": hot("exact")}
    )

    found = routes.find(path)

    assert (found and found.name) == expected


def host(*contributions: object) -> Host:
    kinds = {type(value) for value in contributions}
    return Host(Registry((), {}, {kind: tuple(Contributed("testing", value) for value in contributions if type(value) is kind) for kind in kinds}))


def test_routes_are_built_from_what_plugins_contribute() -> None:
    def build(context: Context) -> "Answer":
        return Answer(context.plugin)

    routes = build_routes(host(PLAIN_EVENTS, HotRoute(name="hot", paths=("/hot", "/more/*"), build=build, methods=("GET", "POST"), max_body_bytes=9)))

    endpoint, answer, more = (routes.find(path) for path in ("/v1/events/", "/hot", "/more/x"))
    assert isinstance(endpoint, CaptureRoute)
    assert (endpoint.plugin, endpoint.name, endpoint.kept, endpoint.kept_prefixes) == (
        "testing",
        "core.events",
        {"user-agent", "content-type", "content-encoding"},
        (),
    )
    assert isinstance(answer, AnswerRoute)
    assert answer is more
    assert (answer.methods, answer.max_body_bytes, answer.answer) == ({"GET", "POST"}, 9, Answer("testing"))


class Answer:
    def __init__(self, plugin: str) -> None:
        self.plugin = plugin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and other.plugin == self.plugin

    def __hash__(self) -> int:
        return hash(self.plugin)

    def __call__(self, _request: CaptureRequest) -> Reply:
        return Reply()


def test_a_hot_route_that_cannot_be_built_names_its_plugin() -> None:
    def build(_context: Context) -> "Answer":
        raise FileNotFoundError("array.js")

    with pytest.raises(PluginProblem, match=r"Hot route 'hot' of plugin 'testing' cannot be built: FileNotFoundError: array.js.*DISABLED=testing"):
        build_routes(host(HotRoute(name="hot", paths=("/hot",), build=build)))


def test_kept_headers_are_names_and_prefixes() -> None:
    endpoint = CaptureEndpoint(
        name="t", paths=(), inspect=PLAIN_EVENTS.inspect, decode=PLAIN_EVENTS.decode, respond=PLAIN_EVENTS.respond, keep_headers=("A", "B-*")
    )

    route = capture_route("p", endpoint)

    assert (route.kept, route.kept_prefixes) == ({"a"}, ("b-",))
