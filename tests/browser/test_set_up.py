"""A new admin in an empty workspace walks from nothing to an Active channel configuration, only by clicking and typing."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import setting_up as steps
from tests.browser.conftest import SignIn
from tests.browser.simulated import Business, new_business
from tests.browser.stack import Stack
from tests.browser.walk import Walker

SCREENS: dict[str, dict[str, Any]] = {
    "wide": {},
    "without-a-script": {"script": False},
    "korean-phone": {"language": "ko", "width": 390, "height": 844},
}
ACTIVE = {"en": "Active", "ko": "활성"}


def test_from_nothing_to_active(stack: Stack, sign_in: SignIn) -> None:
    """The owner accepts the policies, the channel admin connects Meta; Get started leads from line to line."""
    business = new_business(stack, "Quay Tea")
    steps.make_pending(stack, business)
    owner = steps.new_owner(stack, sign_in, "Quay Tea")
    steps.accept_policies(owner)
    admin = steps.new_admin(owner, sign_in, stack.url)
    line = steps.next_step(admin)
    expect(line).to_contain_text("Access token")
    line.get_by_role("link", name="Add credentials").click()
    admin.page.wait_for_url("**/configure/new/")
    get_connected(admin, business)
    register_number(admin)
    steps.make_channel(admin, "quay-marketing")
    expect(admin.main("#checks-title + .wm-pill")).to_have_text("Active")
    expect(admin.main("#result .wm-item.is-bad")).to_have_count(0)
    it_shows_everywhere(admin)


def get_connected(admin: Walker, business: Business) -> None:
    """Credentials, every check, account and senders, webhook with its self-test."""
    page = admin.page
    spaced = f" {business.app_id[:4]} {business.app_id[4:]}\u200b"
    steps.connect(admin, business, name="Quay", app_id=spaced)
    checks = admin.main("#checks")
    expect(checks).to_contain_text("Access token accepted")
    expect(checks).to_contain_text("Permission granted: whatsapp_business_messaging")
    expect(checks).to_contain_text("Business portfolio found: Quay Tea")
    expect(checks).to_contain_text("The accounts and the business portfolio belong together")
    expect(checks.locator(".wm-item.is-bad")).to_have_count(0)
    assert business.token not in page.content() and business.app_secret not in page.content()
    steps.choose_account(admin, business.waba_id)
    expect(admin.main("table").first).to_contain_text("Not registered")
    steps.subscribe(admin)
    expect(admin.main("#routes")).to_contain_text("Meta posts to this installation")
    expect(admin.main("#routes")).to_contain_text("Nothing is missing.")
    steps.send_test_event(admin)
    expect(admin.main("#self_test")).to_contain_text("A worker applies the event")


def register_number(admin: Walker) -> None:
    """Get started says that the number can't send, and leads to its ladder."""
    line = steps.next_step(admin)
    expect(line).to_contain_text("Can’t send")
    line.get_by_role("link", name="See what to do").click()
    steps.climb(admin)
    expect(admin.page.locator("#main .wm-pill").first).to_have_text("Connected")


def it_shows_everywhere(admin: Walker) -> None:
    """Get started and the doctor find nothing wrong; the bell tells what Meta told of the new PIN, once."""
    admin.go("/")
    channel = admin.main("#checklist .wm-check").filter(has_text="Channel configuration")
    expect(channel).to_contain_text("Active")
    expect(channel).to_contain_text("quay-marketing")
    expect(admin.main("#checklist .is-bad")).to_have_count(0)
    verdict = steps.examine(admin)
    expect(verdict).not_to_contain_text("fail")
    expect(admin.main("#examination .wm-item.is-bad")).to_have_count(0)
    admin.page.locator("#bell summary").click()
    admin.page.locator("#bell-list a").filter(has_text="The two-step PIN was changed").click()
    admin.page.wait_for_url("**/numbers/*/")
    expect(admin.main("#changes")).to_contain_text("The two-step PIN was changed")
    admin.page.locator("#bell summary").click()
    expect(admin.page.locator("#bell-list")).to_contain_text("Nothing new.")
    admin.page.locator("#bell-list a").last.click()
    admin.page.wait_for_url("**/alerts/")
    admin.main("nav a").filter(has_text="All").click()
    expect(admin.main("tr").filter(has_text="The two-step PIN was changed")).to_be_visible()


@pytest.mark.parametrize("screen", ["without-a-script", "korean-phone"])
def test_the_same_way_on_other_screens(stack: Stack, sign_in: SignIn, screen: str) -> None:
    """Every step is a plain form or link, and fits a phone in Korean; here the owner does all of it."""
    options = SCREENS[screen]
    business = new_business(stack, f"Mole {screen}")
    steps.make_pending(stack, business)
    owner = steps.new_owner(stack, sign_in, f"Mole {screen}", **options)
    steps.accept_policies(owner)
    steps.next_step(owner).locator("a").click()
    steps.connect(owner, business)
    expect(owner.main("#checks .wm-item.is-bad")).to_have_count(0)
    steps.choose_account(owner, business.waba_id)
    steps.subscribe(owner)
    steps.send_test_event(owner)
    steps.next_step(owner).locator("a").click()
    steps.climb(owner)
    steps.make_channel(owner, "mole-marketing")
    expect(owner.main("#checks-title + .wm-pill")).to_have_text(ACTIVE[owner.language])
    owner.go("/")
    expect(owner.main("#checklist")).to_contain_text("mole-marketing")
    steps.examine(owner)
    expect(owner.main("#examination .wm-item.is-bad")).to_have_count(0)
    owner.go("/alerts/")
