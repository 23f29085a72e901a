"""Every kind of page, wide and on a phone, light and dark: no violation of WCAG 2.2 AA, nothing wider than the screen.

What the browser complains about (scripts, content security policy, missing assets, 5xx) the fixture `sign_in` asserts.
Each page is loaded once per color scheme and then resized.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.catalogue import assert_language
from tests.browser.conftest import AXE, SignIn, signed_in
from tests.browser.kinds import MISSING, Kind, all_kinds
from tests.browser.rows import make_rows, new_workspace
from tests.browser.stack import Stack
from tests.browser.walk import TOO_WIDE

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL_RULES = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
COLORS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
RUN = """options => axe.run(document, options).then(found => found.violations.map(one => one.id + ": " + one.help + " -> " +
  one.nodes.slice(0, 3).map(node => node.target.join(" ") + " | " +
    ([...node.any, ...node.all, ...node.none][0] || {}).message).join("; ")))"""
SETTLED_MS = 200  # the kit looks again at what scrolls
SCREENS = ((1440, 900), (390, 844))


@pytest.fixture(scope="module")
def kinds(stack: Stack, browser: Browser, sessions: dict[str, Any]) -> list[Kind]:
    """Every kind of page of the demo, with an address of each; none is without rows but those that are meant to be."""
    with signed_in(stack, browser, sessions, "staff") as page:
        empty_url = new_workspace(page, stack, "owner@demo.example")
    with signed_in(stack, browser, sessions, "owner") as page:
        made = make_rows(page, stack)
        return all_kinds(page, stack.url, stack.workspace_url, made=made, empty_url=empty_url)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("who", ["owner", "staff", None], ids=str)
def test_every_page_is_accessible(kinds: list[Kind], sign_in: SignIn, who: str | None, dark: bool) -> None:
    page = sign_in(who, dark=dark)
    axe = AXE.read_text()
    problems: list[str] = []
    for kind in (one for one in kinds if one.who == who):
        visit(page, kind)
        page.evaluate(axe)
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(SETTLED_MS)
            where = f"{kind.name} at {width}{', dark' if dark else ''}"
            problems += [f"{where}: {found}" for found in page.evaluate(RUN, COLORS if dark else ALL_RULES)]
            problems += too_wide(page, kind, width)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_fits_a_screen_of_320(kinds: list[Kind], sign_in: SignIn, language: str) -> None:
    """320 px is a screen of 1280 at 400 %: what WCAG's reflow asks for. In Korean nothing is left in English."""
    problems: list[str] = []
    for who in ("owner", "staff", None):
        page = sign_in(who, width=320, language=language)
        for kind in (one for one in kinds if one.who == who):
            visit(page, kind)
            problems += too_wide(page, kind, 320)
            if kind.name != "styleguide":  # its samples are data, in English
                assert_language(page, language)
    assert not problems, "\n".join(problems)


def too_wide(page: Page, kind: Kind, width: int) -> Iterator[str]:
    for culprit in page.evaluate(TOO_WIDE):
        yield f"{kind.name} at {width}: wider than the screen: {culprit}"


def visit(page: Page, kind: Kind) -> None:
    answer: Any = page.goto(kind.url)
    assert answer.status == (404 if kind.name in MISSING else 200), f"{kind.name}: {answer.status}"
