"""Everything by keyboard: search, skip link, dialogs; and the navigation of a phone."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import SignIn

FOCUSED = "() => document.activeElement && (document.activeElement.id || document.activeElement.outerHTML.slice(0, 80))"


def test_search_opens_a_campaign_by_keyboard_only(sign_in: SignIn) -> None:
    page = sign_in("marketer")
    page.keyboard.press("Control+k")
    find = page.locator("#wm-palette input[type=search]")
    expect(find).to_be_focused()
    page.keyboard.type("Welcome to the club")
    results = page.locator("#wm-palette-results a")
    expect(results.filter(has_text="Welcome to the club").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))


def test_escape_closes_the_search_and_gives_the_focus_back(sign_in: SignIn) -> None:
    page = sign_in("marketer")
    opener = page.locator("[data-wm-palette]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#wm-palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#wm-palette")).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_first_tab_stop_skips_the_navigation(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.keyboard.press("Tab")
    expect(page.locator("a.wm-skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_dialog_keeps_the_focus_and_gives_it_back(sign_in: SignIn) -> None:
    page = sign_in("owner")
    page.goto(page.url.rstrip("/") + "/configure/channels/")
    page.get_by_role("link", name="lumen-marketing").click()
    opener = page.locator('a[href="#deactivate-channel"]')
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#deactivate-channel")
    expect(dialog).to_be_visible()
    for _ in range(5):
        page.keyboard.press("Tab")
        where = page.evaluate("() => document.activeElement === document.body || "
                              "!!document.activeElement.closest('#deactivate-channel')")  # fmt: skip
        assert where, f"the focus left the dialog to {page.evaluate(FOCUSED)}"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_menus_open_and_close_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in("owner")
    page.goto(page.url.rstrip("/") + "/campaigns/")
    opener = page.locator("tbody summary").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("tbody details[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("tbody details[open]")).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_navigation_of_a_phone(sign_in: SignIn) -> None:
    page = sign_in("marketer", width=390, height=844)
    bottom = page.locator("nav.wm-bottom")
    expect(bottom).to_be_visible()
    expect(page.locator("#wm-nav")).to_be_hidden()
    bottom.locator('a[href$="/campaigns/"]').click()
    page.wait_for_url("**/campaigns/")
    more = bottom.locator("[data-wm-nav]")
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    link = page.locator('#wm-nav a[href$="/imports/"]')
    expect(link).to_be_visible()
    link.click()
    page.wait_for_url("**/imports/")


def test_small_targets_are_large_enough_on_touch(sign_in: SignIn) -> None:
    """Every link and button of the bottom bar and of the page's head is at least 44 px high."""
    page = sign_in("marketer", width=390, height=844)
    page.goto(page.url.rstrip("/") + "/campaigns/")
    heights = page.locator("nav.wm-bottom a, .wm-page-actions .btn").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().height)"
    )
    assert heights and min(heights) >= 44
