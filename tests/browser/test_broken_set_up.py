"""Broken situations of the set-up: each ends with the sentence that says what is wrong, and with its fix one click away."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser import setting_up as steps
from tests.browser import walk
from tests.browser.conftest import LOCALES, SignIn, signed_in
from tests.browser.simulated import Business, add_number, control, new_business, new_token
from tests.browser.stack import Stack
from tests.browser.walk import Walker

EXPIRED_AT = 1_792_000_000
ELSEWHERE = "https://other.example/hook"
MINUTE_MS = 75_000  # what looks once a minute
DAY_S = 86_400


LOOK = """
from console.kit import queue
from channels_app.webhooks.tasks import watch
queue.ring(watch)
"""  # what the workers do once a minute
AGE = """
from datetime import timedelta
from django.db.models import F
from channels_app.accounts.models import WhatsAppAccount
from channels_app.delivery.models import Message
mine = WhatsAppAccount.objects.filter(workspace__slug="lumen-coffee", heard_at__isnull=False)
mine.update(heard_at=F("heard_at") - timedelta(minutes=10))
unheard = Message.objects.filter(workspace__slug="lumen-coffee", status="accepted", accepted_at__isnull=False)
print(unheard.update(accepted_at=F("accepted_at") - timedelta(minutes=5)))
"""


@dataclass(frozen=True)
class Place:
    """A workspace and its owner."""

    url: str
    email: str


@pytest.fixture
def place(stack: Stack, browser: Browser, sessions: dict[str, Any]) -> Iterator[Place]:
    """An empty workspace."""
    context = browser.new_context(locale=LOCALES["en"])
    with signed_in(stack, browser, sessions, "staff") as page:
        slug, url = steps.new_slug("Broken"), stack.url
        email = f"owner@{slug}.example"
        owner = walk.invite_owner(
            Walker(page, stack.workspace_url), context.new_page(), url, name="Broken", slug=slug, email=email
        )
    steps.accept_policies(owner)
    sessions[email] = context.storage_state()
    context.close()
    yield Place(owner.workspace_url, email)


@pytest.fixture
def admin(place: Place, sign_in: SignIn) -> Walker:
    return Walker(sign_in(place.email), place.url)


def finding(walker: Walker, text: str) -> Locator:
    """The row that says this, as something that is wrong."""
    row = walker.main(".wm-item.is-bad").filter(has_text=text).first
    expect(row).to_be_visible()
    return row


def says(walker: Walker, *texts: str) -> None:
    """These sentences stand on the page or in a notice over it."""
    for text in texts:
        expect(walker.page.locator("body")).to_contain_text(text)


def leads(row: Locator, name: str, to: str) -> None:
    """The row has a link of this name, and it leads there."""
    link = row.get_by_role("link", name=re.compile(name)).first
    address = link.get_attribute("href") or ""
    assert re.search(to, address), f"{name} leads to {address}"


def bell_says(walker: Walker, text: str) -> Locator:
    """The alert's line in the bell, waited for as long as what looks once a minute takes."""
    line = walker.page.locator("#bell-list a").filter(has_text=text).first
    for _ in range(MINUTE_MS // 1500):
        walker.page.goto(f"{walker.workspace_url}/")
        walker.page.locator("#bell summary").click()
        expect(walker.page.locator("#bell-list a").last).to_be_visible()
        walker.page.wait_for_timeout(500)
        if line.count():
            break
        walker.page.wait_for_timeout(1000)
    expect(line).to_be_visible()
    return line


def resolved(walker: Walker, text: str) -> None:
    """The alert stands among the others as resolved."""
    row = walker.main("tr").filter(has_text=text).filter(has_text="Resolved")
    for _ in range(MINUTE_MS // 1500):
        walker.go("/alerts/?state=all")
        if row.count():
            break
        walker.page.wait_for_timeout(1500)
    expect(row.first).to_be_visible()


def test_ids_that_are_mixed_up(stack: Stack, admin: Walker) -> None:
    """A phone number for an id, a token with a gap, an account's id for a portfolio's, and the other way round."""
    business = new_business(stack, "Mixed Tea")
    other = new_business(stack, "Other Tea")
    admin.go("/configure/new/")
    wrong = {"app_id": "+44 7700 900118", "portfolio_id": "nine", "access_token": "EAA with gaps"}
    admin.fill(name="Mixed", **steps.access_of(business) | wrong)
    admin.page.locator("button[form=access-form]").click()
    says(
        admin,
        "This looks like a phone number. Enter Meta's id instead",
        "An id of Meta's consists of digits only.",
        "This can't be a token or secret",
    )
    steps.connect(admin, business, name="Mixed", portfolio_id=business.waba_id)
    row = finding(admin, "This is the id of the WhatsApp Business Account “Mixed Tea”")
    expect(row).to_contain_text("Its business portfolio is “Mixed Tea”")
    admin.page.get_by_role("button", name="Use this portfolio").click()
    says(admin, "Business portfolio found: Mixed Tea")
    admin.main("#edit [name=portfolio_id]").fill(other.portfolio_id)
    admin.main("#edit button").click()
    row = finding(admin, "This token does not see the business portfolio")
    leads(row, "", r"#edit$")
    admin.page.get_by_role("button", name="Use this portfolio").click()
    expect(admin.main(".wm-item.is-bad")).to_have_count(0)
    wrong_accounts(admin, business, other)


def wrong_accounts(admin: Walker, business: Business, other: Business) -> None:
    """In the account's place: a portfolio's, a number's and an app's id, a phone number, an account of another business."""
    admin.page.locator(steps.TO_SENDERS).last.click()
    sentences = {
        business.portfolio_id: "This is the id of a business portfolio.",
        business.phone_number_id: "This is the id of a phone number.",
        business.app_id: "This is the id of the app.",
        "+44 7700 900118": "This looks like a phone number.",
        other.waba_id: "Meta has no account with this id, or this token does not see it.",
    }
    for typed, sentence in sentences.items():
        admin.fill(waba_id=typed)
        admin.main("#account-form button").click()
        says(admin, sentence)
    admin.fill(waba_id=f" {business.waba_id[:6]} {business.waba_id[6:]}")
    admin.main("#account-form button").click()
    says(admin, "Senders of Mixed Tea")


def test_tokens_that_do_not_fit(stack: Stack, admin: Walker) -> None:
    """Of another app, expired, without a permission; and an account that another workspace has connected."""
    business, other = new_business(stack, "Token Tea"), new_business(stack, "Strange Tea")
    world = control(stack, "state")["world"]
    strange = new_token(stack, business, app_id=other.app_id)
    steps.connect(admin, business, name="Tokens", access_token=strange)
    row = finding(admin, "Token belongs to another app")
    leads(row, "", r"#renew$")
    walk.renew(admin, new_token(stack, business, expires_at=EXPIRED_AT))
    refused_token(admin, "Access token expired")
    scopes = ["whatsapp_business_management", "business_management"]
    walk.renew(admin, new_token(stack, business, scopes=scopes))
    refused_token(admin, "Permission missing: whatsapp_business_messaging")
    wabas = [business.waba_id, world["waba_id"]]
    walk.renew(admin, new_token(stack, business, waba_ids=wabas))
    says(admin, "The new token passed its checks and is in use now.")
    expect(admin.main("#checks .wm-item.is-bad").filter(has_not_text="belongs to")).to_have_count(0)
    admin.page.locator(steps.TO_SENDERS).last.click()
    card = admin.main(f"label[for=account-{world['waba_id']}]")
    expect(card).to_contain_text("This account is connected to another workspace of this installation.")
    expect(card.locator("input")).to_be_disabled()
    admin.fill(waba_id=world["waba_id"])
    admin.main("#account-form button").click()
    says(admin, "It can't be used in two.")


def refused_token(admin: Walker, text: str) -> None:
    """The new token's own card says why; another one can be entered below it."""
    expect(admin.main("#renew")).to_contain_text("It was not accepted, so the old one stays in use.")
    expect(admin.main("#renew .wm-item.is-bad").filter(has_text=text).first).to_be_visible()
    expect(admin.main("#renew input[name=access_token]")).to_be_visible()


def test_a_connection_that_breaks(stack: Stack, admin: Walker) -> None:
    """Webhook of another system, unregistered number, restriction, quality, rotation, unknown number, dead token."""
    business = new_business(stack, "Break Tea")
    steps.make_pending(stack, business)
    steps.connect(admin, business, name="Break")
    connection = admin.page.url
    steps.choose_account(admin, business.waba_id)
    take_over_webhook(admin, stack, business)
    fail_and_register(admin)
    update_under_restriction(admin, stack, business)
    drop_quality(admin, stack, business)
    rotate(admin, stack, business, connection)
    connect_unknown_number(admin, stack, business, connection)
    revoke(admin, stack, business, connection)


def take_over_webhook(admin: Walker, stack: Stack, business: Business) -> None:
    """Meta posts to another system; taking it over fails while the handshake does, then it is ours. Same for an override."""
    control(stack, f"apps/{business.app_id}", {"callback_url": ELSEWHERE, "webhook_fields": ["messages"]})
    admin.page.locator(steps.TO_WEBHOOK).click()
    says(admin, f"Meta posts to another address: {ELSEWHERE}")
    fault = {"endpoint": "handshake", "kind": "error", "mode": "next", "n": 1}
    control(stack, "faults", fault)
    take_over(admin)
    says(admin, "That was not done", "Meta did not accept the webhook address")
    take_over(admin)
    says(admin, "Meta posts to this installation")
    for sentence in ("Meta did not accept the webhook address", "Its messages come here now."):
        if sentence.startswith("Meta did not"):
            control(stack, "faults", fault)
        admin.main("#routes details.wm-menu summary").first.click()
        admin.main('#routes form[action$="/override/"] button').first.click()
        says(admin, sentence)
    admin.look()


def take_over(admin: Walker) -> None:
    admin.page.get_by_role("link", name="Take the address over").click()
    admin.page.locator("#take-over button.btn-danger").click()


def unknown_number(stack: Stack, business: Business) -> str:
    """Somebody writes to a number of the account that was added at Meta a moment ago; gives its id there."""
    digits = f"77009{secrets.randbelow(90_000) + 10_000}"
    number_id = add_number(stack, business, digits, "Break Tea Harbour")
    control(
        stack, "inbound", {"from": "447700900812", "kind": "text", "text": "Anybody?", "phone_number_id": number_id}
    )
    return number_id


def fail_and_register(admin: Walker) -> None:
    """The configuration fails because of the number; the fix leads to the ladder, then it is Active."""
    steps.make_channel(admin, "break-marketing", "Break Tea")
    channel = admin.page.url
    expect(admin.main("#checks-title + .wm-pill")).to_have_text("Failed")
    row = finding(admin, "Meta refused the registration check: the number isn’t registered")
    row.get_by_role("link", name=re.compile("Register number")).click()
    steps.climb(admin)
    admin.page.goto(channel)
    admin.page.get_by_role("button", name="Check again and activate").click()
    steps.wait_for_checks(admin)
    expect(admin.main("#checks-title + .wm-pill")).to_have_text("Active")


def update_under_restriction(admin: Walker, stack: Stack, business: Business) -> None:
    """Meta restricts the account: the update fails with the date, the old version serves, and the bell tells."""
    restriction = {"event": "ACCOUNT_RESTRICTION", "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}
    control(stack, f"wabas/{business.waba_id}/update", restriction | {"seconds": DAY_S * 60})
    channel = admin.page.url
    admin.page.wait_for_timeout(1500)
    admin.main('#result a[href$="/edit/"]').first.click()
    admin.main("input[name=purpose][value=utility]").check()
    admin.page.get_by_role("button", name="Save and submit").click()
    steps.wait_for_checks(admin)
    says(admin, "Update to version 2")
    row = finding(admin, "Standing of the account")
    expect(row).to_contain_text("It can't start conversations: templates are not sent. Until")
    leads(row, "Open WhatsApp Manager", r"^https://business\.facebook\.com/")
    expect(admin.main("#checks-title + .wm-pill")).to_have_text("Active")
    says(admin, "In use")
    line = bell_says(admin, "The update of “break-marketing” failed, version 1 is in use")
    line.click()
    admin.page.wait_for_url(channel)
    control(stack, f"wabas/{business.waba_id}/lift", {})
    admin.page.get_by_role("link", name="Discard update").click()
    admin.page.locator("#discard-update button.btn-danger").click()
    expect(admin.main("#update-title")).to_have_count(0)
    expect(admin.main("#checks-title + .wm-pill")).to_have_text("Active")


def drop_quality(admin: Walker, stack: Stack, business: Business) -> None:
    control(stack, f"numbers/{business.phone_number_id}", {"quality_rating": "RED"})
    line = bell_says(admin, "is now Low")
    line.click()
    admin.page.wait_for_url(re.compile(r"/numbers/\d+/"))
    expect(admin.main("#changes")).to_contain_text("Quality")
    expect(admin.main("#changes")).to_contain_text("Low")
    admin.look()
    control(stack, f"numbers/{business.phone_number_id}", {"quality_rating": "GREEN"})


def rotate(admin: Walker, stack: Stack, business: Business, connection: str) -> None:
    """A bad new token waits beside the old one, which serves; a good one replaces it."""
    admin.page.goto(connection)
    scopes = ["whatsapp_business_management"]
    walk.renew(admin, new_token(stack, business, scopes=scopes))
    refused_token(admin, "Permission missing: whatsapp_business_messaging")
    expect(admin.main("#checks .wm-item.is-bad")).to_have_count(0)
    admin.page.goto(f"{connection}webhook/")
    says(admin, "The new token was not accepted")
    leads(admin.page.locator("#main"), "Look at the new token", r"#renew$")
    admin.page.goto(connection)
    walk.renew(admin, new_token(stack, business))
    says(admin, "The new token passed its checks and is in use now.")


def connect_unknown_number(admin: Walker, stack: Stack, business: Business, connection: str) -> None:
    """The vault keeps what came for it; once the number is read from Meta, it is applied."""
    number_id = unknown_number(stack, business)
    admin.page.wait_for_timeout(2000)
    stack.run(LOOK)
    bell_says(admin, f"Events for number id {number_id}, which is not connected")
    admin.go("/webhooks/")
    row = admin.main(".wm-item.is-warn").filter(has_text=f"Number id {number_id}")
    expect(row).to_contain_text("1 event waits.")
    row.get_by_role("link", name="Connect it").click()
    assert admin.page.url == f"{connection}senders/"
    admin.page.get_by_role("button", name="Refresh from Meta").click()
    says(admin, "Read the account and its numbers from Meta.")
    stack.run(LOOK)
    for _ in range(MINUTE_MS // 1500):
        admin.go("/webhooks/")
        if not row.count():
            break
        admin.page.wait_for_timeout(1500)
    expect(row).to_have_count(0)
    admin.go("/profiles/?q=%2B447700900812")
    expect(admin.main("a.wm-key").first).to_be_visible()


def revoke(admin: Walker, stack: Stack, business: Business, connection: str) -> None:
    """Meta refuses the token: the bell and Get started say so, and lead to renewing it."""
    tokens = control(stack, "state")["tokens"]
    for token in tokens:
        if token["app_id"] == business.app_id:
            control(stack, "tokens", {"revoke": token["token"]})
    admin.page.goto(connection)
    admin.page.get_by_role("button", name="Run checks again").click()
    row = finding(admin, "Access token revoked")
    leads(row, "", r"#renew$")
    line = bell_says(admin, "Meta refuses the token of “Break”")
    started = admin.main("#checklist .wm-check").filter(has_text="Access token")
    expect(started).to_contain_text("Token refused")
    leads(started, "Renew token", re.escape(connection.partition("/w/")[2]))
    line.click()
    admin.page.wait_for_url(connection)
    walk.renew(admin, new_token(stack, business))
    says(admin, "The new token passed its checks and is in use now.")
    resolved(admin, "Meta refuses the token of “Break”")


def test_a_webhook_that_nobody_hears(stack: Stack, sign_in: SignIn) -> None:
    """Meta accepts a message and its webhook finds nobody: the bell tells, the webhook's page too, until it is heard."""
    admin = Walker(sign_in("owner"), stack.workspace_url)
    admin.go("/configure/")
    admin.page.goto(stack.workspace_url + first_webhook(admin))
    page = admin.page.url
    admin.main("[name=minutes]").fill("1")
    admin.main('form[action$="/silence/"] button').click()
    says(admin, "Ensure this value is greater than or equal to 2.")
    admin.main("[name=minutes]").fill("2")
    admin.main('form[action$="/silence/"] button').click()
    says(admin, "Saved the time until silence is an alert.")
    address = admin.main("dd.wm-mono").first.inner_text().split()[0]
    fault = control(stack, "faults", {"endpoint": "webhook", "kind": "http_500", "mode": "always", "url": address})
    try:
        write_to_somebody(admin)
        assert int(stack.run(AGE + LOOK).split()[-1]) >= 1
        bell_says(admin, "No webhook is heard for +44 7700 900118").click()
        admin.page.wait_for_url(page)
        says(admin, "Meta accepted 1 message and told nothing about it.", "Send a test event")
    finally:
        control(stack, f"faults/{fault['id']}", method="DELETE")
    world = control(stack, "state")["world"]
    control(
        stack,
        "inbound",
        {"from": "447700900612", "kind": "text", "text": "Hi", "phone_number_id": world["phone_number_id"]},
    )
    stack.run(LOOK)
    resolved(admin, "No webhook is heard for +44 7700 900118")


def first_webhook(admin: Walker) -> str:
    links = admin.main("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    pattern = re.compile(r"(/configure/\d+/)(senders/|webhook/)?$")
    found = next(match for link in links if (match := pattern.search(link)))
    return f"{found[1]}webhook/"


def write_to_somebody(admin: Walker) -> None:
    """A campaign to one person, whose message Meta accepts."""
    walk.one_reachable_person(admin)
    walk.compose(admin, "Unheard", audience="Esperanto", channel="lumen-marketing", template="spring_roast_launch")
    walk.activate(admin)
    expect(admin.main("#live")).to_contain_text("1")
    admin.page.wait_for_timeout(3000)
