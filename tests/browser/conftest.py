"""Fixtures of the browser tests: the running demo, Chromium, and pages in which somebody is signed in."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from tests.browser.stack import Stack, running_demo

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "waymark-demo"
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
ASSETS = frozenset({"stylesheet", "script", "image", "font"})
PATIENCE_MS = 10_000

SignIn = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(browser: Browser) -> Iterator[Stack]:
    """The demo. WAYMARK_BROWSER_STACK=url,simulator_url,data_dir takes one that runs: a quick loop while writing tests."""
    if running := os.environ.get("WAYMARK_BROWSER_STACK"):
        url, simulator_url, data = running.split(",")
        yield Stack(url, simulator_url, [], f"{url}/w/lumen-coffee", {**os.environ, "WAYMARK_DATA_DIR": data})
        return
    with running_demo() as stack:
        yield stack


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """{address: cookies} of everybody who has signed in, so that each person passes the form only once."""
    return {}


@pytest.fixture
def sign_in(stack: Stack, browser: Browser, sessions: dict[str, Any]) -> Iterator[SignIn]:
    """Gives `sign_in("marketer", language="ko", width=390, dark=True)`: a page of a fresh context, at the workspace's home.

    `who` is a demo sign-in or a whole address; None signs nobody in. At the end of the test it asserts that no script
    failed, nothing broke the content security policy, every asset was there and no answer was a 5xx.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(
        who: str | None,
        *,
        language: str = "en",
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        script: bool = True,
    ) -> Page:
        email = who if who is None or "@" in who else f"{who}@demo.example"
        if email and email not in sessions:
            sessions[email] = sign_in_by_form(browser, stack.url, email)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            storage_state=sessions.get(email or ""),
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watch(page, errors)
        if email:
            page.goto(f"{stack.url}/" if "@" in str(who) else f"{stack.workspace_url}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "the browser complained:\n" + "\n".join(errors)


def sign_in_by_form(browser: Browser, url: str, email: str) -> Any:
    """Signs somebody in as a person does and gives the cookies."""
    context = browser.new_context(locale=LOCALES["en"])
    page = context.new_page()
    page.goto(f"{url}/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)
    state = context.storage_state()
    context.close()
    return state


# What htmx writes when a page is left while it still asks for a part of it; a real failure has a line of another kind.
ABORTED = ("htmx:sendAbort", "htmx:afterRequest")


def watch(page: Page, errors: list[str]) -> None:
    """Collects what a person would only see in the browser's console."""

    def note_console(message: ConsoleMessage) -> None:
        # An answer of 4xx is also told here; which of them are faults, `note_response` decides.
        if message.type == "error" and not message.text.startswith(("Failed to load resource", *ABORTED)):
            errors.append(f"{page.url}: {message.text}")

    def note_response(response: Response) -> None:
        is_missing_asset = response.status >= 400 and response.request.resource_type in ASSETS
        if is_missing_asset or response.status >= 500:
            errors.append(f"{page.url}: {response.status} for {response.url}")

    def note_failure(request: Request) -> None:
        if request.resource_type in ASSETS and request.failure != "net::ERR_ABORTED":
            errors.append(f"{page.url}: {request.failure} for {request.url}")

    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    page.on("console", note_console)
    page.on("response", note_response)
    page.on("requestfailed", note_failure)


@contextmanager
def signed_in(stack: Stack, browser: Browser, sessions: dict[str, Any], who: str) -> Iterator[Page]:
    """A page outside of any test's own, for what several tests share."""
    email = f"{who}@demo.example"
    if email not in sessions:
        sessions[email] = sign_in_by_form(browser, stack.url, email)
    context = browser.new_context(storage_state=sessions[email], locale=LOCALES["en"], reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()
