"""Core's Django app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Users, projects, members, keys and settings; its tables are named `core_<noun>`."""

    name = "jackfield.projects"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"
