"""Browsers: sessions, checked against forgery."""

import json

import pytest


@pytest.fixture
def browser(host_of, metadata):
    from django.test import Client

    from jackfield.projects.models import User
    from jackfield.web.django_application import django_environment

    client = Client(enforce_csrf_checks=True, **django_environment(host_of()))
    client.force_login(User.objects.create(email="ann@example.com"))
    return client


def test_a_session_without_the_token_is_refused(browser):
    response = browser.post("/graphql", json.dumps({"query": "{ viewer { email } }"}), content_type="application/json")

    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "FORGED"}


def test_a_session_with_the_token_is_answered(browser):
    browser.get("/sign-in")
    token = browser.cookies["csrftoken"].value

    response = browser.post(
        "/graphql", json.dumps({"query": "{ viewer { email } }"}), content_type="application/json", headers={"X-CSRFToken": token}
    )

    assert response.json()["data"] == {"viewer": {"email": "ann@example.com"}}
    assert response["Cache-Control"] == "no-store"


def test_a_wrong_key_is_not_saved_by_a_session(browser):
    headers = {"Authorization": "Bearer wrong"}

    response = browser.post("/graphql", json.dumps({"query": "{ viewer { email } }"}), content_type="application/json", headers=headers)

    assert response.status_code == 401


def test_get_is_refused(browser):
    assert browser.get("/graphql?query={viewer{email}}").status_code == 405


def test_who_is_nobody_is_told_to_sign_in_and_nothing_is_logged(host_of, metadata, caplog):
    from django.test import Client

    from jackfield.web.django_application import django_environment

    stranger = Client(enforce_csrf_checks=True, **django_environment(host_of()))

    response = stranger.post("/graphql", json.dumps({"query": "{ viewer { email } }"}), content_type="application/json")

    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert caplog.records == []
