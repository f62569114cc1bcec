"""The Django app of the plugin: its label is the plugin's name, and so the prefix of its tables."""

from django.apps import AppConfig


class ExampleConfig(AppConfig):
    """One model, `Thanks`."""

    name = "jackfield_example"
    label = "example"
