"""The Django app of persons; its tables are named `persons_<noun>`."""

from django.apps import AppConfig


class PersonsConfig(AppConfig):
    """Persons and their distinct_ids."""

    name = "jackfield_persons"
    label = "persons"
    default_auto_field = "django.db.models.BigAutoField"
