"""The Django app of core's machinery."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Bus, locks, jobs, schedules and ledger; its tables are named `core_<noun>`."""

    name = "jackfield.storage.records"
    label = "core_records"
    default_auto_field = "django.db.models.BigAutoField"
