"""The live page asks while something moves and then stops; what happens on a phone comes back to the profile."""

import re

from playwright.sync_api import Request, expect

from tests.browser import walk
from tests.browser.conftest import SignIn
from tests.browser.simulated import control
from tests.browser.stack import Stack
from tests.browser.walk import SOON_MS, Walker


def test_the_live_page_asks_until_all_is_final(stack: Stack, sign_in: SignIn) -> None:
    """To one person whose phone is on: when the message is delivered, nothing can change any more."""
    page = sign_in("marketer")
    walker = Walker(page, stack.workspace_url)
    walk.one_reachable_person(walker)
    walk.compose(walker, "Polled", audience="Esperanto", channel="lumen-marketing", template="spring_roast_launch")
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if _is_poll(request) else None)
    walk.activate(walker)
    expect(page.locator('#live-actions form[action$="/duplicate"]')).to_be_visible(timeout=SOON_MS)
    expect(page.locator("#live[hx-get]")).to_have_count(0, timeout=SOON_MS)
    assert polls, "the page did not ask"
    polls.clear()
    page.wait_for_timeout(6_000)
    assert not polls, "the page goes on asking after the end"
    figures, total = walk.buckets(page)
    assert sum(figures) == total == 1


def _is_poll(request: Request) -> bool:
    return bool(re.search(r"/campaigns/\d+/", request.url)) and request.headers.get("hx-request") == "true"


def test_stop_on_the_phone_withdraws_consent(stack: Stack, sign_in: SignIn) -> None:
    """A person taps a button, writes STOP and stops offers in WhatsApp: the profile says that consent was withdrawn.

    The word STOP alone changes nothing: keywords are a feature of their own; Meta's own switch counts always.
    """
    to = next(iter(_reached(stack)))
    phone = sign_in(None)
    phone.goto(f"{stack.simulator_url}/_control/phone#{to}")
    tap = phone.locator("#chat button.tap").first
    expect(tap).to_be_visible()
    before = phone.locator("#chat .msg.in").count()
    tap.click()
    phone.locator('#aside [data-act="STOP"]').click()
    expect(phone.locator("#chat .msg.in")).to_have_count(before + 2)
    phone.locator("#prefer").click()
    page = sign_in("owner")
    page.goto(f"{stack.workspace_url}/profiles/?q=%2B{to}")
    page.locator("main a.wm-key").first.click()
    page.wait_for_url(re.compile(r"/profiles/\d+/$"))
    consent = page.locator("section[aria-labelledby=consent-title] dl")
    for _ in range(30):
        if "Withdrawn" in consent.inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(consent).to_contain_text("Withdrawn")


def _reached(stack: Stack) -> list[str]:
    """Digits of people who got the demo's message and want offers still."""
    rows = control(stack, "ledger?limit=200")["data"]
    reached = (str(row["to"]).lstrip("+") for row in rows if row["stage"] in ("delivered", "read"))
    return [digits for digits in reached if not control(stack, f"users/{digits}").get("marketing_stopped")][:1]
