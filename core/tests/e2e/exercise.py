"""Exercises everything that one installed plugin contributes; run by the environment that it is installed in, without pytest.

Prints the hooks through which something was exercised, as a JSON list.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type

from jackfield.cli.assembly import build_host
from jackfield.cli.teststack import Home, LocalStack
from jackfield.host.registry import HOOKS
from jackfield.jobs.scheduler import timetable
from jackfield_sdk import (
    CaptureEndpoint,
    ClickHouseStep,
    Context,
    Database,
    DjangoApp,
    Extension,
    Frontend,
    GraphQLPart,
    HotRoute,
    Job,
    Permission,
    PromotedProperty,
    QueryKind,
    Refused,
    Schedule,
    Service,
    Setting,
    Sink,
    Subscriber,
    Transformer,
    VirtualField,
    VirtualTable,
)
from jackfield_sdk.ast import Field, Select, Table
from jackfield_sdk.testing import event


def main(plugin: str) -> None:
    """Exercise a plugin on a stack of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        stack = home.stack([plugin])
        stack.capture([event("exercised")])
        check(len(stack.events()) == 1 and not stack.dead_letters(), "an event passes all steps and sinks")
        stack.deliver()
        registry = build_host(home.configuration, only=[plugin]).registry
        kinds = set()
        for kind, value in registry.by(plugin):
            exercise(value, stack, stack.context(plugin), plugin)
            kinds.add(kind)
        home.close()
    sys.stdout.write(json.dumps(sorted(hook for hook, returned in HOOKS.items() if kinds & set(returned))))


def exercise(value: object, stack: LocalStack, context: Context, plugin: str) -> None:
    """Use one contribution."""
    match value:
        case Setting(scope="instance"):
            check(value.name in context.settings, f"setting {value.name} has a value")
        case Setting():
            check(value.name in context.project_settings(stack.project.id), f"setting {value.name} has a value in the project")
        case DjangoApp():
            exercise_models(plugin, context)
        case Service():
            check(context.find(value.protocol) is not None, f"service {value.protocol.__name__} is built")
        case Extension():
            check(value.value in context.contributions(value.point), f"{value.point.name} has it")
        case CaptureEndpoint():
            exercise_paths(value.paths, [method for method in value.methods if method != "OPTIONS"], stack)
        case HotRoute():
            exercise_paths(value.paths, [method for method in value.methods if method == "GET"], stack)
        case ClickHouseStep():
            for table in value.tables:
                check("team_id" in stack.columns(table.name) or table.scope == "global", f"table {table.name} is guarded")
        case PromotedProperty():
            check(f"p_{value.name}" in stack.columns("events"), f"property {value.name} has a column")
        case VirtualTable():
            stack.query(Select(columns=[Field(name) for name in value.fields], source=Table(value.name)))
        case VirtualField():
            stack.query(Select(columns=[Field(value.name)], source=Table(value.table)))
        case QueryKind():
            ask(value.name, stack)
        case GraphQLPart():
            exercise_graphql(stack, plugin)
        case Job():
            check(callable(value.build(context)), f"job {value.name} is built")
        case Schedule():
            timetable(plugin, value)
        case Frontend():
            pages = [page for page in stack.graphql("{ pages { plugin entry style } }")["pages"] if page["plugin"] == plugin]
            check(len(pages) == len(value.pages), "every page is listed")
            for page in pages:
                check(stack.get(page["entry"]).status == 200, f"{page['entry']} is served")
                check(page["style"] is None or stack.get(page["style"]).status == 200, f"{page['style']} is served")
        case Transformer() | Sink() | Subscriber():
            pass  # the event went through it
        case Permission():
            check(value.role in ("viewer", "editor", "admin", "owner"), "a role has it")
        case _:
            raise SystemExit(f"{type(value).__name__} is not exercised by {__file__}")


def exercise_models(plugin: str, context: Context) -> None:
    """Count the rows of every table of the plugin's models."""
    from django.apps import apps

    tables = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith(f"jackfield_{plugin}.")]
    check(bool(tables), "the app has models")
    for table in tables:
        context.require(Database).fetch(f"SELECT count(*) FROM {table}")


def exercise_paths(paths: Sequence[str], methods: Sequence[str], stack: LocalStack) -> None:
    """Send an empty request to every path: it may be refused, but neither fail nor be unknown."""
    for path in paths:
        for method in methods:
            status = stack.request(method, path.replace("*", "x")).status
            check(status < 500 and (status != 404 or path.endswith("*")), f"{method} {path} is answered, not with {status}")


def ask(kind: str, stack: LocalStack) -> None:
    """Ask with no parameters: an answer, or a reason why they do not do."""
    try:
        stack.ask(kind, {})
    except Refused as refusal:
        check(kind not in str(refusal), f"query kind {kind} is known")


def exercise_graphql(stack: LocalStack, plugin: str) -> None:
    """Ask for every field of `Project` that can be asked for without knowing what it is about."""
    from jackfield.graphql.compose import compose
    from jackfield.projects.access import Access

    registry = stack._running.host.registry
    schema = compose(registry, Access(item.value for item in registry.of(Permission))).schema
    project = schema.type_map["Project"]
    assert isinstance(project, GraphQLObjectType)
    for name, field in project.fields.items():
        required = [argument for argument, one in field.args.items() if isinstance(one.type, GraphQLNonNull) and argument not in ("first", "days")]
        if required:
            continue
        arguments = "(first: 1)" if "first" in field.args else ""
        selection = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
        answer = stack.graphql(f"{{ projects {{ {name}{arguments} {selection} }} }}")
        check(name in answer["projects"][0], f"Project.{name} is answered")


def check(holds: bool, what: str) -> None:
    """End with a message when something does not hold."""
    if not holds:
        raise SystemExit(f"not so: {what}")


if __name__ == "__main__":
    main(sys.argv[1])
