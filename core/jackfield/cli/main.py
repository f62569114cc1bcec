"""The command `jackfield`: parses arguments and hands over to what does the work."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence

from jackfield import __version__
from jackfield.cli.supervisor import MISCONFIGURED_STATUS
from jackfield_sdk import JackfieldError, Retryable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    command: Callable[[argparse.Namespace], int] = parsed.command
    if command is not _schema:  # it writes a source file; the others write data, which is nobody else's to read
        os.umask(0o077)
    try:
        return command(parsed)
    except JackfieldError as problem:
        print(f"jackfield: {problem}", file=sys.stderr)
        return os.EX_TEMPFAIL if isinstance(problem, Retryable) else MISCONFIGURED_STATUS
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jackfield", description="A plugin-first product platform.")
    parser.add_argument("--version", action="version", version=f"jackfield {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    commands.add_parser("up", help="start everything on this machine").set_defaults(command=_up)
    commands.add_parser("migrate", help="bring the metadata database up to date, and make the first user").set_defaults(command=_migrate)
    commands.add_parser("doctor", help="look at what a start needs").set_defaults(command=_doctor)

    settings = commands.add_parser("settings", help="list every setting with default, meaning and source")
    settings.add_argument("--json", action="store_true")
    settings.set_defaults(command=_settings)

    plugins = commands.add_parser("plugins", help="list, explain and check plugins").add_subparsers(required=True, metavar="ACTION")
    listing = plugins.add_parser("list", help="installed plugins")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(command=_plugins_list)
    info = plugins.add_parser("info", help="everything that one plugin adds")
    info.add_argument("name")
    info.add_argument("--json", action="store_true")
    info.set_defaults(command=_plugins_info)
    plugins.add_parser("check", help="validate as a start would").set_defaults(command=_plugins_check)

    purge = plugins.add_parser("purge", help="drop everything that a plugin kept, also when its package is gone")
    purge.add_argument("name")
    purge.add_argument("--yes", action="store_true", help="really do it")
    purge.set_defaults(command=_plugins_purge)

    schema = commands.add_parser("schema", help="compare the API of all installed plugins with a snapshot, or write one")
    schema.add_argument("--write", action="store_true", help="write the snapshot instead of comparing")
    schema.add_argument("--breaking", action="store_true", help="write it even if clients would break")
    schema.set_defaults(command=_schema)

    users = commands.add_parser("users", help="make users, reset passwords").add_subparsers(required=True, metavar="ACTION")
    create = users.add_parser("create", help="make a user; the password comes from the terminal, a pipe or JACKFIELD_PASSWORD")
    create.add_argument("email")
    create.add_argument("--role", choices=["owner", "admin", "editor", "viewer"], default="viewer", help="in every project there is")
    create.set_defaults(command=_users_create)
    reset = users.add_parser("reset-password", help="give a user a new password")
    reset.add_argument("email")
    reset.set_defaults(command=_users_reset)

    events = commands.add_parser("events", help="show stored events of the server at JACKFIELD_URL, with JACKFIELD_API_KEY")
    events.add_argument("--project", type=int, help="number of the project; the first that the key may see if left out")
    events.add_argument("--event", help="only events of this name")
    events.add_argument("--limit", type=int, default=20)
    events.add_argument("--follow", action="store_true", help="go on with those that arrive")
    events.add_argument("--json", action="store_true", help="one JSON object per line")
    events.set_defaults(command=_events)

    process = commands.add_parser("process", help="run one process of `jackfield up`")
    process.add_argument("name", choices=["engine", "web", "jobs"])
    process.add_argument("--slot", type=int, default=0, help="number of the web worker")
    process.add_argument("--fd", type=int, help="listening socket, inherited")
    process.add_argument("--parent", type=int, help="process id of the supervisor; ends with it")
    process.set_defaults(command=_process)
    return parser


# Each command imports what it runs when it runs: `jackfield --version` needs no Django and no event store.


def _up(_: argparse.Namespace) -> int:
    from jackfield.cli.up import up

    return up()


def _migrate(_: argparse.Namespace) -> int:
    from jackfield.cli.assembly import or_without_broken
    from jackfield.cli.migrate import migrate

    return or_without_broken(migrate)


def _doctor(_: argparse.Namespace) -> int:
    from jackfield.cli.doctor import doctor

    return doctor()


def _settings(parsed: argparse.Namespace) -> int:
    from jackfield.cli.settings import list_settings

    return list_settings(as_json=parsed.json)


def _plugins_list(parsed: argparse.Namespace) -> int:
    from jackfield.cli.plugins import list_plugins

    return list_plugins(as_json=parsed.json)


def _plugins_info(parsed: argparse.Namespace) -> int:
    from jackfield.cli.plugins import plugin_info

    return plugin_info(parsed.name, as_json=parsed.json)


def _plugins_check(_: argparse.Namespace) -> int:
    from jackfield.cli.plugins import check_plugins

    return check_plugins()


def _plugins_purge(parsed: argparse.Namespace) -> int:
    from jackfield.cli.plugins import purge_plugin

    return purge_plugin(parsed.name, yes=parsed.yes)


def _schema(parsed: argparse.Namespace) -> int:
    from jackfield.cli.schema import schema

    return schema(write=parsed.write, breaking=parsed.breaking)


def _users_create(parsed: argparse.Namespace) -> int:
    from jackfield.cli.users import create_user

    return create_user(parsed.email, role=parsed.role)


def _users_reset(parsed: argparse.Namespace) -> int:
    from jackfield.cli.users import reset_password

    return reset_password(parsed.email)


def _events(parsed: argparse.Namespace) -> int:
    from jackfield.cli.events import show_events

    return show_events(project=parsed.project, event=parsed.event, limit=parsed.limit, follow=parsed.follow, as_json=parsed.json)


def _process(parsed: argparse.Namespace) -> int:
    from jackfield.cli.assembly import or_without_broken
    from jackfield.cli.supervisor import end_with_parent

    if parsed.parent is not None:
        end_with_parent(parsed.parent)
    if parsed.name == "engine":
        from jackfield.cli.engine_process import run_engine

        or_without_broken(run_engine)
    elif parsed.name == "web":
        from jackfield.cli.web_process import run_web

        or_without_broken(lambda configuration: run_web(configuration, slot=parsed.slot, descriptor=parsed.fd))
    else:
        from jackfield.cli.jobs_process import run_jobs_process

        or_without_broken(run_jobs_process)
    return 0


if __name__ == "__main__":
    sys.exit(main())
