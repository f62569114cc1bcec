"""`jackfield users`: makes users and gives them new passwords, for who has a shell on the machine."""

import getpass
import os
import sys

from jackfield.cli.assembly import build_host
from jackfield.host.configuration import read_configuration
from jackfield.projects.django_settings import configure_django
from jackfield_sdk import DjangoApp, Refused

LEAST_PASSWORD_LENGTH = 8


def create_user(email: str, *, role: str) -> int:
    """Make a user with a role in every project there is.

    Raises:
        Refused: there is a user with this address, or the address or password cannot be used.
    """
    _prepare()
    from jackfield.projects.models import Membership, Project, User

    email = email.strip().lower()
    if "@" not in email:
        raise Refused(f"{email!r} is no e-mail address.")
    if User.objects.filter(email=email).exists():
        raise Refused(f"There is a user {email} already; `jackfield users reset-password {email}` gives a new password.")
    user = User(email=email)
    user.set_password(_password())
    user.save()
    for project in Project.objects.all():
        Membership.objects.create(user=user, project=project, role=role)
    print(f"{email} may sign in, as {role}.")
    return 0


def reset_password(email: str) -> int:
    """Give a user a new password; ends their sessions.

    Raises:
        Refused: there is no such user.
    """
    _prepare()
    from jackfield.projects.models import User

    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise Refused(f"There is no user {email}.")
    user.set_password(_password())
    user.save()
    print(f"{user.email} has a new password.")
    return 0


def _prepare() -> None:
    configuration = read_configuration()
    host = build_host(configuration)
    configure_django(configuration, host.registry.of(DjangoApp))


def _password() -> str:
    """Read a password: from JACKFIELD_PASSWORD, from a pipe, or twice from the terminal; never from the command line, where others see it."""
    given = os.environ.get("JACKFIELD_PASSWORD") or (None if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n"))
    password = given if given is not None else getpass.getpass("New password: ")
    if len(password) < LEAST_PASSWORD_LENGTH:
        raise Refused(f"A password has at least {LEAST_PASSWORD_LENGTH} characters.")
    if given is None and getpass.getpass("Once more: ") != password:
        raise Refused("The two passwords differ.")
    return password
