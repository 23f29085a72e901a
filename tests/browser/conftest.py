"""Fixtures of the browser tests: the running demo, Chromium, and pages in which somebody is signed in."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.stack import Stack, running_demo

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "waymark-demo"

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
    with running_demo() as stack:
        yield stack


@pytest.fixture
def sign_in(stack: Stack, browser: Browser) -> Iterator[SignIn]:
    """Gives `sign_in("marketer", language="ko", width=390, dark=True)`: a page of a fresh context, signed in by the form."""
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
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale={"en": "en-GB", "ko": "ko-KR"}[language],
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            bypass_csp=False,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note_violation(message.text, page.url, errors))
        if who:
            page.goto(f"{stack.url}/accounts/login/")
            page.locator("input[name=login]").fill(f"{who}@demo.example")
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("main form button[type=submit]").first.click()
            page.wait_for_url(f"{stack.url}/**")
            page.goto(stack.workspace_url + "/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "scripts failed or were refused by the content security policy:\n" + "\n".join(errors)


def _note_violation(text: str, url: str, errors: list[str]) -> None:
    if "Content Security Policy" in text or "Refused to" in text:
        errors.append(f"{url}: {text}")
