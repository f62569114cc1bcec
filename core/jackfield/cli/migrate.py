"""`jackfield migrate`: the metadata database, and the very first user. Tables of the event store are brought up to date by the engine."""

from jackfield.cli.assembly import build_host
from jackfield.host.configuration import read_configuration
from jackfield.projects.django_settings import configure_django
from jackfield_sdk import DjangoApp


def migrate() -> int:
    """Apply migrations; make the first user, project and key if there is no user."""
    configuration = read_configuration()
    host = build_host(configuration)
    configure_django(configuration, [item.value.config for item in host.registry.of(DjangoApp)])
    from jackfield.projects.bootstrap import apply_migrations, bootstrap  # they import models, for which Django must be ready

    apply_migrations()
    first = bootstrap(configuration)
    if first is not None:
        print(f"First user    {first.email}")
        if first.made_up_password:
            print(f"Password      {first.made_up_password}   (shown only now; change it with `jackfield users reset-password`)")
        print(f"Project token {first.project_token}", flush=True)
    return 0
