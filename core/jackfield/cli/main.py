"""The command `jackfield`: parses arguments and hands over to what does the work."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from jackfield import __version__
from jackfield_sdk import JackfieldError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        return command(parsed)
    except JackfieldError as problem:
        print(f"jackfield: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jackfield", description="A plugin-first product platform.")
    parser.add_argument("--version", action="version", version=f"jackfield {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start everything on this machine")
    up.set_defaults(command=_up)

    migrate = commands.add_parser("migrate", help="bring the metadata database up to date, and make the first user")
    migrate.set_defaults(command=_migrate)

    process = commands.add_parser("process", help="run one process of `jackfield up`")
    process.add_argument("name", choices=["engine", "web", "jobs"])
    process.add_argument("--slot", type=int, default=0, help="number of the web worker")
    process.add_argument("--fd", type=int, help="listening socket, inherited")
    process.set_defaults(command=_process)
    return parser


def _up(_: argparse.Namespace) -> int:
    from jackfield.cli.up import up

    return up()


def _migrate(_: argparse.Namespace) -> int:
    from jackfield.cli.migrate import migrate

    return migrate()


def _process(parsed: argparse.Namespace) -> int:
    from jackfield.cli.supervisor import end_with_parent
    from jackfield.host.configuration import read_configuration

    end_with_parent()
    configuration = read_configuration()
    if parsed.name == "engine":
        from jackfield.cli.engine_process import run_engine

        run_engine(configuration)
    elif parsed.name == "web":
        from jackfield.cli.web_process import run_web

        run_web(configuration, slot=parsed.slot, descriptor=parsed.fd)
    else:
        from jackfield.cli.jobs_process import run_jobs_process

        run_jobs_process(configuration)
    return 0


if __name__ == "__main__":
    sys.exit(main())
