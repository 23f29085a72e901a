"""The steps of Configure as an admin takes them; by addresses, names and ids, so that they work in every language."""

import re
import secrets
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser import walk
from tests.browser.conftest import PASSWORD, SignIn
from tests.browser.simulated import Business, control
from tests.browser.stack import Stack
from tests.browser.walk import SOON_MS, Walker

CODE, PIN = "123456", "271828"
TO_SENDERS = 'a[href$="/senders/"].btn'
TO_WEBHOOK = "button[form=sender-form][name=next]"


def new_slug(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name.lower()) + f"-{secrets.token_hex(3)}"


def new_owner(stack: Stack, sign_in: SignIn, name: str, **screen: Any) -> Walker:
    """The owner of a workspace that staff made a moment ago; `screen` as sign_in takes it."""
    slug = new_slug(name)
    staff = Walker(sign_in("staff"), stack.workspace_url)
    owner = walk.invite_owner(
        staff, sign_in(None, **screen), stack.url, name=name, slug=slug, email=f"owner@{slug}.example"
    )
    return Walker(owner.page, owner.workspace_url, screen.get("language", "en"), screen.get("script", True))


def new_admin(owner: Walker, sign_in: SignIn, url: str, **screen: Any) -> Walker:
    """A channel admin whom the owner invites; follows the link, sets a password and signs in."""
    email = f"admin@{owner.workspace_url.rsplit('/', 1)[-1]}.example"
    owner.go("/settings/members/")
    form = owner.main("form.wm-form")
    form.locator("[name=email]").fill(email)
    form.locator("select[name=role]").select_option("channel_admin")
    form.locator("button.btn-primary").click()
    link = owner.main("code.wm-code").inner_text()
    page = sign_in(None, **screen)
    page.goto(link)
    for field in page.locator("main input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form button.btn-primary").click()
    page.goto(f"{url}/accounts/login/")
    if page.locator("input[name=login]").count():
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/w/"))
    return Walker(page, owner.workspace_url, screen.get("language", "en"), screen.get("script", True))


def accept_policies(walker: Walker) -> None:
    walker.go("/")
    policies = walker.main("#policies")
    for box in policies.locator("input[name=policy]").all():
        box.check()
    policies.locator("button").click()
    expect(policies.locator("input[name=policy]:not([disabled])")).to_have_count(0)
    expect(policies.locator(".wm-accepted").first).to_be_visible()
    walker.look()


def next_step(walker: Walker) -> Locator:
    """The highlighted line of Get started."""
    walker.go("/")
    line = walker.main("#checklist .is-next")
    expect(line).to_have_count(1)
    return line


def connect(walker: Walker, business: Business, *, name: str = "Main", **changes: str) -> None:
    """Adds credentials; ends on the page with their checks, whatever these say."""
    walker.go("/configure/new/")
    walker.fill(name=name, **access_of(business) | changes)
    walker.page.locator("button[form=access-form]").click()
    walker.page.wait_for_url(re.compile(r"/configure/\d+/$"))
    walker.look()


def access_of(business: Business) -> dict[str, str]:
    return {
        "app_id": business.app_id,
        "app_secret": business.app_secret,
        "access_token": business.token,
        "portfolio_id": business.portfolio_id,
    }


def choose_account(walker: Walker, waba_id: str) -> None:
    """From the checks to the accounts, takes this one, and lets all its numbers send."""
    walker.page.locator(TO_SENDERS).last.click()
    walker.look()
    walker.main(f"#account-{waba_id}").check()
    walker.main("#account-form button").click()
    senders = walker.main("input[name=senders]")
    expect(senders.first).to_be_visible(timeout=SOON_MS)
    for box in senders.all():
        box.check()
    walker.main("button[form=sender-form]").first.click()
    expect(walker.page.locator(TO_WEBHOOK)).to_be_visible()
    walker.look()


def subscribe(walker: Walker) -> None:
    """From the senders to the webhook; one press subscribes it."""
    walker.page.locator(TO_WEBHOOK).click()
    walker.page.wait_for_url("**/webhook/")
    walker.look()
    walker.main('form[action$="/subscribe/"] button').first.click()
    expect(walker.main("#routes .wm-card-head .wm-pill.wm-t-ok")).to_be_visible()
    walker.look()


def send_test_event(walker: Walker) -> None:
    """The self-test passes all its steps; without a script it stands on a page of its own."""
    if not walker.runs_scripts:
        walker.main("#self_test a").click()
    walker.main("#self_test form button").click()
    until(walker, walker.main("#self_test .wm-item.wm-t-ok").nth(4))


def until(walker: Walker, wanted: Locator) -> None:
    """Waits for what workers do: the page asks by itself; without a script somebody reloads it."""
    if not walker.runs_scripts:
        for _ in range(60):
            if wanted.count():
                break
            walker.page.wait_for_timeout(500)
            walker.page.reload()
    expect(wanted).to_be_visible(timeout=SOON_MS)
    walker.look()


def climb(walker: Walker, *, pin: str = PIN) -> None:
    """The ladder of the number whose page is open: ask for a code, type it, choose a PIN."""
    expect(walker.main("#ladder .is-next")).to_have_count(1)
    walker.main('form[action$="/request-code/"] button').click()
    walker.look()
    walker.main("[name=code]").fill(CODE)
    walker.main('form[action$="/verify-code/"] button').click()
    walker.look()
    register(walker, pin)


def register(walker: Walker, pin: str = PIN) -> None:
    walker.fill(pin=pin, pin_again=pin)
    walker.main('form[action$="/register/"] button').click()
    expect(walker.main('#ladder a[href="#deregister"]')).to_be_visible()
    walker.look()


def make_channel(walker: Walker, name: str, sender: str = "") -> None:
    """Makes a configuration and submits it; ends when its checks are done, however they end.

    `sender` is the display name of the number to choose; without it the one that the form offers first.
    """
    walker.go("/configure/channels/new/")
    walker.fill(name=name)
    if sender:
        choice = walker.main("select[name=phone_number] option").filter(has_text=sender).first
        walker.main("select[name=phone_number]").select_option(choice.get_attribute("value"))
    walker.main("#channel-form button.btn-primary").click()
    walker.page.wait_for_url(re.compile(r"/channels/\d+/$"))
    wait_for_checks(walker)


def wait_for_checks(walker: Walker) -> None:
    """Until what was submitted has been checked, however that ends."""
    until(walker, walker.main('#result a[href$="/edit/"]').first)


def examine(walker: Walker) -> Locator:
    """“Check everything”; gives the verdict's heading once it is there."""
    walker.go("/doctor/")
    walker.main('form[action$="/doctor/run/"] button').first.click()
    until(walker, walker.main('#examination a[href$="/export/"]'))
    return walker.main("#verdict-title")


def make_pending(stack: Stack, business: Business, **changes: Any) -> None:
    """The business's number as Meta gives it: neither verified nor registered."""
    state = {"status": "PENDING", "code_verification_status": "NOT_VERIFIED", "pin": ""}
    control(stack, f"numbers/{business.phone_number_id}", state | changes)
