"""The first minutes of a newcomer, in a real browser: sign in, send an event, see it in the chart."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from jackfield_sdk.testing.server import Server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def sign_in(page: Page, server: Server) -> None:
    page.get_by_label("E-mail").fill(server.email)
    page.get_by_label("Password").fill(server.password)
    page.get_by_role("button", name="Sign in").click()


def test_an_event_travels_from_curl_to_the_chart(page: Page, server: Server) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    answer = server.capture([{"event": "first seen in a browser", "distinct_id": f"visitor {number}"} for number in range(3)])

    page.goto("/project/1/insights?event=first+seen+in+a+browser&days=7")
    expect(page).to_have_url(f"{server.url}/sign-in?next=%2Fproject%2F1%2Finsights%3Fevent%3Dfirst%2Bseen%2Bin%2Ba%2Bbrowser%26days%3D7")
    sign_in(page, server)

    expect(page.get_by_test_id("chart")).to_be_visible()
    page.get_by_role("button", name="View as table").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("3", timeout=15_000)
    assert answer == {"accepted": 3, "refused": []}
    assert refused == []


def test_nothing_answers_a_stranger(page: Page, server: Server) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()

    status, body = server.request("POST", "/graphql", '{"query": "{ viewer { email } }"}', {"Content-Type": "application/json"})

    assert status in (401, 403)
    assert b"viewer" not in body


def test_a_wrong_password_is_refused_in_words(page: Page, server: Server) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(server.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_have_text("E-mail or password is wrong.")
    expect(page).to_have_url(f"{server.url}/sign-in")
