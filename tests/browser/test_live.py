"""The live page asks while something moves and then stops; what happens on a phone comes back to the profile."""

import re

from playwright.sync_api import Request, expect

from tests.browser import walk
from tests.browser.conftest import SignIn
from tests.browser.simulated import control
from tests.browser.stack import Stack
from tests.browser.walk import SOON_MS, Walker

PHONE = "+447700900612"


def test_the_live_page_asks_until_all_is_final(stack: Stack, sign_in: SignIn) -> None:
    page = sign_in("marketer")
    walker = Walker(page, stack.workspace_url)
    walk.compose(
        walker, "Polled", audience="Coffee club", channel="lumen-marketing", template="spring_roast_launch"
    )
    polls: list[str] = []
    walk.activate(walker)
    page.on("request", lambda request: polls.append(request.url) if _is_poll(request) else None)
    page.wait_for_timeout(5_000)
    assert polls, "the page does not ask"
    page.locator('#live-actions a[href="#stop-dialog"]').click()
    page.locator("#stop-dialog .btn-danger").click()
    expect(page.locator('#live-actions form[action$="/duplicate"]')).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#live[hx-get]")).to_have_count(0, timeout=SOON_MS)
    polls.clear()
    page.wait_for_timeout(4_500)
    assert not polls, "the page goes on asking after the end"
    figures, total = walk.buckets(page)
    assert sum(figures) == total == 496


def _is_poll(request: Request) -> bool:
    return bool(re.search(r"/campaigns/\d+/", request.url)) and request.headers.get("hx-request") == "true"


def test_stop_on_the_phone_withdraws_consent(stack: Stack, sign_in: SignIn) -> None:
    """A person who got a message taps its button, then writes STOP: the profile says that consent was withdrawn."""
    to = next(iter(_reached(stack)))
    phone = sign_in(None)
    phone.goto(f"{stack.simulator_url}/_control/phone#{to}")
    tap = phone.locator("#chat button.tap").first
    expect(tap).to_be_visible()
    before = phone.locator("#chat .msg.in").count()
    tap.click()
    phone.locator('#aside [data-act="STOP"]').click()
    expect(phone.locator("#chat .msg.in")).not_to_have_count(before)
    page = sign_in("owner")
    page.goto(f"{stack.workspace_url}/profiles/?q=%2B{to}")
    page.locator("main a.wm-key").first.click()
    page.wait_for_url(re.compile(r"/profiles/\d+/$"))
    consent = page.locator("section[aria-labelledby=consent-title]")
    for _ in range(30):
        if consent.locator(".wm-t-bad, .wm-dot-bad").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(consent).to_contain_text("Withdrawn")


def _reached(stack: Stack) -> list[str]:
    """Digits of people who have read the demo's message and have said nothing since."""
    rows = control(stack, "ledger?limit=500")["data"]
    return [str(row["to"]).lstrip("+") for row in rows if row["stage"] in ("delivered", "read")]
