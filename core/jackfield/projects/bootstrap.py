"""Prepares the metadata database: applies migrations and, on the very first start, makes a user, a project and a key."""

import secrets
import string
from dataclasses import dataclass
from typing import Final

from django.core.management import call_command
from django.db import transaction

from jackfield.host.configuration import Configuration
from jackfield.projects.keys import store_key
from jackfield.projects.models import Membership, Project, User
from jackfield_sdk import Misconfigured

LETTERS_AND_DIGITS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStart:
    """What the first start made.

    Args:
        made_up_password: to be shown once, for nobody can read it again; None when the configuration gave one.
    """

    email: str
    made_up_password: str | None
    project_id: int
    project_token: str


def apply_migrations() -> None:
    """Bring the metadata database up to date, core's tables and those of plugins."""
    call_command("migrate", interactive=False, verbosity=0)


def bootstrap(configuration: Configuration) -> FirstStart | None:
    """Make the first user, project and key; do nothing once there is a user.

    Raises:
        Misconfigured: a bootstrap setting cannot be used.
    """
    email = configuration.bootstrap_email.strip().lower()
    if "@" not in email:
        raise Misconfigured(f"JACKFIELD_BOOTSTRAP_EMAIL is {configuration.bootstrap_email!r}, which is no e-mail address.")
    token = configuration.bootstrap_project_token or f"phc_{random_text(43)}"
    if not token.isascii() or not token.isprintable() or " " in token or len(token) > 200:
        raise Misconfigured("JACKFIELD_BOOTSTRAP_PROJECT_TOKEN must be up to 200 printable ASCII characters without spaces.")
    made_up = None if configuration.bootstrap_password else random_text(20)
    with transaction.atomic():
        if User.objects.exists():
            return None
        user = User(email=email, is_instance_admin=True)
        user.set_password(configuration.bootstrap_password or made_up)
        user.save()
        project = Project.objects.create(name="Default project", token=token)
        Membership.objects.create(user=user, project=project, role="owner")
        if configuration.bootstrap_personal_api_key:
            store_key(user, configuration.bootstrap_personal_api_key, label="bootstrap", scopes=["*"])
    return FirstStart(email=email, made_up_password=made_up, project_id=project.id, project_token=token)


def random_text(length: int) -> str:
    """Make up letters and digits that nobody can guess."""
    return "".join(secrets.choice(LETTERS_AND_DIGITS) for _ in range(length))
