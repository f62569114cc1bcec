"""Signing in and out."""

import json

import pytest


@pytest.fixture
def browser(host_of, metadata):
    from django.test import Client

    from jackfield.projects.models import User
    from jackfield.web import sign_in
    from jackfield.web.django_application import django_environment

    sign_in.failures = sign_in.Failures()
    user = User(email="ann@example.com")
    user.set_password("correct horse")
    user.save()
    client = Client(enforce_csrf_checks=True, **django_environment(host_of()))
    client.get("/sign-in")
    return client


def attempt(browser, email="ann@example.com", password="correct horse", **headers):
    token = browser.cookies["csrftoken"].value
    body = json.dumps({"email": email, "password": password})
    return browser.post("/sign-in", body, content_type="application/json", headers={"X-CSRFToken": token, **headers})


def test_the_right_password_opens_a_session(browser):
    response = attempt(browser, email=" Ann@Example.COM ")

    assert (response.status_code, response.json()) == (200, {"next": "/"})
    cookie = response.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert browser.get("/project/1").status_code != 302


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"email": "bob@example.com"}])
def test_a_wrong_one_does_not_and_does_not_say_what_is_wrong(browser, given):
    response = attempt(browser, **given)

    assert (response.status_code, response.json()) == (400, {"error": "E-mail or password is wrong."})
    assert "sessionid" not in response.cookies


def test_a_locked_user_stays_outside(browser):
    from jackfield.projects.models import User

    User.objects.update(is_active=False)

    assert attempt(browser).status_code == 400


def test_without_the_token_nothing_is_looked_at(browser):
    response = browser.post("/sign-in", json.dumps({"email": "ann@example.com", "password": "correct horse"}), content_type="application/json")

    assert response.status_code == 403
    assert "forged" in response.json()["error"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"email": "a"}', '{"email": 1, "password": "x"}', "[" * 50_000])
def test_what_is_no_attempt_is_refused(browser, body):
    token = browser.cookies["csrftoken"].value

    response = browser.post("/sign-in", body, content_type="application/json", headers={"X-CSRFToken": token})

    assert response.status_code == 400


def test_guessing_is_slowed_down(browser, monkeypatch):
    from jackfield.web import sign_in

    monkeypatch.setattr(sign_in, "authenticate", lambda *_, **__: None)  # hashing ten times takes long
    now = 0.0
    sign_in.failures = sign_in.Failures(clock=lambda: now)
    for _ in range(10):
        assert attempt(browser, password="guess").status_code == 400

    refused = attempt(browser)
    assert (refused.status_code, refused["Retry-After"]) == (429, "301")
    assert attempt(browser, email="bob@example.com").status_code == 429, "the address is slowed down too"

    now = 300.5
    assert attempt(browser).status_code == 400


def test_memory_of_failures_is_bounded(django):
    from jackfield.web import sign_in

    failures = sign_in.Failures(clock=lambda: 0.0)
    for number in range(sign_in.SUBJECTS_REMEMBERED + 5):
        failures.note(f"subject {number}")

    assert len(failures._times) == sign_in.SUBJECTS_REMEMBERED


def test_signing_out_ends_the_session(browser):
    attempt(browser)
    stolen = browser.cookies["sessionid"].value
    token = browser.cookies["csrftoken"].value

    assert browser.post("/sign-out", "{}", content_type="application/json", headers={"X-CSRFToken": token}).status_code == 200

    browser.cookies["sessionid"] = stolen
    assert browser.get("/project/1").status_code == 302


def test_a_new_password_ends_all_sessions(browser):
    from jackfield.projects.models import User

    attempt(browser)
    user = User.objects.get()
    user.set_password("another")
    user.save()

    assert browser.get("/project/1").status_code == 302
