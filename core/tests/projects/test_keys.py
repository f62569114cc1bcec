"""Personal API keys."""

from datetime import timedelta

import pytest


@pytest.fixture
def user(metadata):
    from jackfield.projects.models import User

    return User.objects.create(email="ann@example.com")


def test_a_key_is_found_by_its_text_alone(user):
    from jackfield.projects.keys import find_key, store_key

    kept = store_key(user, "phx_0123456789", label="mine", scopes=["core.project.view"])

    assert find_key("phx_0123456789") == kept
    assert find_key("phx_012345678") is None
    assert find_key("") is None
    assert kept.prefix == "phx_0123"


def test_use_is_noted_once_a_minute(user):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from jackfield.projects.keys import find_key, store_key
    from jackfield.projects.models import PersonalApiKey

    store_key(user, "phx_key", label="mine", scopes=["*"])
    find_key("phx_key")
    noted = PersonalApiKey.objects.get().last_used_at

    with CaptureQueriesContext(connection) as statements:
        find_key("phx_key")
    assert len(statements) == 1

    PersonalApiKey.objects.update(last_used_at=noted - timedelta(minutes=2))
    find_key("phx_key")
    assert PersonalApiKey.objects.get().last_used_at >= noted
