"""`jackfield schema`: compares the composed API with `docs/schema.graphql`, or writes that file."""

from jackfield.cli.assembly import build_host
from jackfield.host.configuration import read_configuration
from jackfield.projects.django_settings import configure_django
from jackfield_sdk import DjangoApp


def schema(*, write: bool, breaking: bool) -> int:
    """Compare or write; returns 1 when they differ, or when writing would break clients and nobody said that this is meant."""
    configuration = read_configuration()
    host = build_host(configuration)
    configure_django(configuration, host.registry.of(DjangoApp))
    from jackfield.graphql.snapshot import main

    return main(host.registry, [*(["--write"] if write else ["--check"]), *(["--breaking"] if breaking else [])])
