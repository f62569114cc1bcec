"""The shell, its files and those of plugins."""

import base64
import hashlib
import re

import pytest

from jackfield_sdk import Frontend, Page

INDEX = (
    '<!doctype html><script type="importmap">{"imports":{"react":"/ui/shell/assets/r-12345678.js"}}</script><script type="module" src="x"></script>'
)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An importable package of a plugin, with pages."""
    folder = tmp_path / "site" / "jackfield_notes"
    (folder / "static" / "deep").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "secret.py").write_text("SECRET = 1")
    (folder / "static" / "index.js").write_text("export default 1")
    (folder / "static" / "deep" / "index.css").write_text("p { }")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return "jackfield_notes"


@pytest.fixture
def browser(host_of, metadata, package, tmp_path):
    import dataclasses

    from django.test import Client

    from jackfield.ui.shell import UI
    from jackfield.web.django_application import django_environment

    shell = tmp_path / "shell"
    (shell / "assets").mkdir(parents=True)
    (shell / "index.html").write_text(INDEX)
    (shell / "mark.svg").write_text("<svg/>")
    (shell / "assets" / "main-AbCd_-12.js").write_text("1")
    pages = [Page(path="/b", title="B", order=2), Page(path="/a", title="A", order=1)]
    host = host_of(notes={"register_frontend": [Frontend(package=package, pages=pages, style=None)]})
    environment = django_environment(host)
    environment[UI] = dataclasses.replace(environment[UI], shell=shell)
    return Client(**environment)


@pytest.fixture
def signed_in(browser):
    from jackfield.projects.models import User

    browser.force_login(User.objects.create(email="ann@example.com"))
    return browser


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/sign-in"),
        ("/project/1/insights?days=7&event=a%20b", "/sign-in?next=%2Fproject%2F1%2Finsights%3Fdays%3D7%26event%3Da%2520b"),
        ("/%2Fevil.example/x", "/sign-in?next=%2Fevil.example%2Fx"),
    ],
)
def test_strangers_are_sent_to_sign_in_and_back(browser, path, to):
    response = browser.get(path)

    assert (response.status_code, response["Location"]) == (302, to)


def test_members_get_the_shell_on_every_path(signed_in):
    for path in ("/", "/project/1", "/project/1/insights/deep"):
        response = signed_in.get(path)

        assert (response.status_code, response.content.decode()) == (200, INDEX)
        assert response["Cache-Control"] == "no-store"
        assert "csrftoken" in response.cookies


def test_the_policy_allows_the_import_map_by_its_hash_and_no_other_inline_script(signed_in):
    policy = signed_in.get("/")["Content-Security-Policy"]

    text = re.search(r"importmap\">(.*?)</script>", INDEX)[1]
    hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{hashed}';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_what_is_no_page_is_not_found(signed_in):
    assert signed_in.get("/favicon.ico").status_code == 404
    assert signed_in.get("/api/things", headers={"Accept": "application/json"}).status_code == 404
    refused = signed_in.post("/project/1")
    assert (refused.status_code, refused["Content-Type"]) == (404, "text/plain; charset=utf-8")


def test_files_with_a_hash_are_kept_for_ever(browser):
    hashed, plain = browser.get("/ui/shell/assets/main-AbCd_-12.js"), browser.get("/ui/shell/mark.svg")

    assert (hashed.content, hashed["Content-Type"]) == (b"1", "text/javascript; charset=utf-8")
    assert hashed["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain["Cache-Control"] == "no-cache"
    assert plain["Content-Type"] == "image/svg+xml"
    assert browser.get("/ui/shell/mark.svg", headers={"If-None-Match": plain["ETag"]}).status_code == 304


def test_files_of_a_plugin_are_served_at_its_version(browser):
    response = browser.get("/ui/plugins/notes/1.2.3/index.js")

    assert (response.status_code, response.content) == (200, b"export default 1")
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert browser.get("/ui/plugins/notes/1.2.3/deep/index.css")["Content-Type"].startswith("text/css")
    assert browser.get("/ui/plugins/notes/1.2.2/index.js").status_code == 404
    assert browser.get("/ui/plugins/nobody/1.2.3/index.js").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secret.py",
        "..%2fsecret.py",
        "deep/../../secret.py",
        "%2e%2e/secret.py",
        "..\\secret.py",
        "/etc/passwd",
        "//etc/passwd",
        "deep",
        "",
        ".",
        "index.js%00",
    ],
)
def test_nothing_outside_the_folder_is_served(browser, path):
    response = browser.get(f"/ui/plugins/notes/1.2.3/{path}")

    assert response.status_code in (302, 404)
    assert b"SECRET" not in response.content


def test_pages_are_listed_in_the_order_of_the_navigation(signed_in):
    import json

    query = "{ pages { plugin path title order entry style } }"
    response = signed_in.post("/graphql", json.dumps({"query": query}), content_type="application/json")

    base = {"plugin": "notes", "entry": "/ui/plugins/notes/1.2.3/index.js", "style": None}
    assert response.json()["data"]["pages"] == [
        {**base, "path": "/a", "title": "A", "order": 1},
        {**base, "path": "/b", "title": "B", "order": 2},
    ]


def test_a_shell_that_is_not_built_says_how_to_build_it(signed_in, tmp_path):
    (tmp_path / "shell" / "index.html").unlink()

    response = signed_in.get("/")

    assert response.status_code == 503
    assert b"make build" in response.content


def test_what_is_sent_to_a_path_that_nobody_serves_is_not_found(host_of, metadata):
    from django.test import Client

    from jackfield.web.django_application import django_environment

    stranger = Client(enforce_csrf_checks=True, **django_environment(host_of()))

    response = stranger.post("/not/served", "{}", content_type="application/json")

    assert (response.status_code, response["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert response.content == b"Nothing takes POST at this path.\n"
