"""The first start, and those after it."""

import dataclasses

import pytest

from jackfield_sdk import Misconfigured


@pytest.fixture
def start(metadata, configuration):
    from jackfield.projects.bootstrap import bootstrap

    return lambda **changes: bootstrap(dataclasses.replace(configuration, **changes))


def test_the_first_start_makes_what_was_asked_for(start):
    from jackfield.projects.access import viewer_of_key
    from jackfield.projects.models import Membership, PersonalApiKey, Project, User

    made = start(bootstrap_email="Ann@Example.com", bootstrap_project_token="phc_known", bootstrap_personal_api_key="phx_known")

    user = User.objects.get()
    assert (user.email, user.check_password("correct horse"), user.is_instance_admin) == ("ann@example.com", True, True)
    assert user.id.version == 7
    assert list(Project.objects.values_list("id", "token", "timezone")) == [(made.project_id, "phc_known", "UTC")]
    assert list(Membership.objects.values_list("user", "project", "role")) == [(user.id, made.project_id, "owner")]
    assert (made.email, made.made_up_password, made.project_token) == ("ann@example.com", None, "phc_known")
    assert viewer_of_key("phx_known").roles == {made.project_id: "owner"}
    assert "phx_known" not in str(PersonalApiKey.objects.values().get())


def test_what_was_not_asked_for_is_made_up(start):
    from jackfield.projects.models import PersonalApiKey, User

    made = start(bootstrap_password=None, bootstrap_project_token=None, bootstrap_personal_api_key=None)

    assert len(made.made_up_password) == 20
    assert User.objects.get().check_password(made.made_up_password)
    assert made.project_token.startswith("phc_")
    assert len(made.project_token) == 47
    assert not PersonalApiKey.objects.exists()


def test_later_starts_change_nothing(start):
    from jackfield.projects.models import Project, User

    first = start()

    assert start(bootstrap_email="bob@example.com", bootstrap_password="other", bootstrap_project_token="phc_other") is None
    assert User.objects.get().check_password("correct horse")
    assert Project.objects.get().token == first.project_token


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"bootstrap_email": "ann"}, "JACKFIELD_BOOTSTRAP_EMAIL"),
        ({"bootstrap_project_token": "two words"}, "JACKFIELD_BOOTSTRAP_PROJECT_TOKEN"),
        ({"bootstrap_project_token": "x" * 201}, "JACKFIELD_BOOTSTRAP_PROJECT_TOKEN"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(start, changes, variable):
    from jackfield.projects.models import User

    with pytest.raises(Misconfigured, match=variable):
        start(**changes)

    assert not User.objects.exists()


def test_models_and_migrations_agree(django):
    from django.core.management import call_command

    call_command("makemigrations", "core", check=True, dry_run=True, verbosity=0)
