"""Tables of core in the metadata database. Rows only; who may do what is in `access`."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from jackfield_sdk.identity import uuid7


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in. E-mails are kept in lower case.

    An instance admin runs the installation: rights outside projects are theirs alone, but they see no project they are not a member of.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    is_instance_admin = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "core_user"


class Project(models.Model):
    """A tenant. Its id is what the event store calls `team_id`; its token lets SDKs write, never read."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200, help_text="What people call it.")
    token = models.CharField(max_length=200, unique=True, help_text="What SDKs send to say whose events these are; it can write, never read.")
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA time zone in which days begin.")
    week_start = models.CharField(max_length=6, choices=[("monday", "Monday"), ("sunday", "Sunday")], default="monday")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "core_project"


class Membership(models.Model):
    """What a user may do in a project."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=[(role, role.title()) for role in ("owner", "admin", "editor", "viewer")])

    class Meta:
        db_table = "core_membership"
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "project"], name="core_membership_once")]


class PersonalApiKey(models.Model):
    """A key that acts for its user, within its scopes. Only the hash of the key is kept.

    `scopes` holds permission names, `<prefix>.*`, or `*` for all that the user may do.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="personal_api_keys")
    label = models.CharField(max_length=200)
    prefix = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_personal_api_key"


class SettingValue(models.Model):
    """A plugin's setting in one project: JSON text, or its ciphertext when the setting is secret."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plugin = models.CharField(max_length=100)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="setting_values")
    name = models.CharField(max_length=100)
    value = models.TextField()
    encrypted = models.BooleanField(default=False)

    class Meta:
        db_table = "core_setting_value"
        constraints: ClassVar = [models.UniqueConstraint(fields=["plugin", "project", "name"], name="core_setting_value_once")]
