"""The four steps in a fresh workspace: get started, configure, create, check and send; in both languages."""

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import setting_up as steps
from tests.browser import walk
from tests.browser.conftest import SignIn
from tests.browser.simulated import Business, control, new_business, new_token
from tests.browser.stack import Stack
from tests.browser.walk import SOON_MS, Walker

LANGUAGES = ("en", "ko")
RUN_ENDS_MS = 60_000


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_new_workspace_walks_the_four_steps(stack: Stack, sign_in: SignIn, language: str) -> None:
    """Staff make a workspace; its owner connects a number, imports people, sends, pauses, resumes and stops."""
    slug = f"harbor-{language}-{secrets.token_hex(3)}"
    business = new_business(stack, f"Harbor {language}")
    staff = Walker(sign_in("staff", language=language), stack.workspace_url, language)
    owner = walk.invite_owner(
        staff, sign_in(None, language=language), stack.url,
        name=f"Harbor {language}", slug=slug, email=f"owner@{slug}.example",
    )  # fmt: skip
    get_started(owner)
    connect(owner, stack, business)
    activate_channel(owner, "harbor")
    sync_templates(owner)
    create_and_send(owner, stack, business.phone_number_id)
    nobody_else_sees_it(stack, sign_in, slug)


def get_started(walker: Walker) -> None:
    """The policies are accepted; nothing is set up: the next step is to add credentials, and it is a link."""
    steps.accept_policies(walker)
    items = walker.main("#checklist .wm-item, #checklist li")
    assert items.count() >= 8
    walker.main('#checklist a[href$="/configure/new/"]').click()
    walker.page.wait_for_url("**/configure/new/")


def connect(walker: Walker, stack: Stack, business: Business) -> None:
    """Each wrong token shows what is wrong with it; the right one opens account, number and webhook."""
    page = walker.page
    checks, renewed = walker.main("#checks .wm-item.is-bad"), walker.main("#renew .wm-item.is-bad")
    walk.add_credentials(walker, business, name="Harbor", token="EAASIMNOSUCHTOKEN00000001")
    expect(checks.first).to_be_visible()
    wrong = checks.first.inner_text()
    walk.renew(walker, new_token(stack, business, expires_at=1_792_000_000))
    expect(renewed.first).to_be_visible()
    expired = renewed.first.inner_text()
    walk.renew(walker, new_token(stack, business, scopes=["whatsapp_business_management"]))
    expect(renewed.filter(has_text="whatsapp_business_messaging")).to_have_count(1)
    assert len({wrong, expired, renewed.first.inner_text()}) == 3, "different faults say the same"
    walk.renew(walker, business.token)
    expect(walker.main(".wm-item.is-bad")).to_have_count(0)
    steps.choose_account(walker, business.waba_id)
    expect(walker.main("table").first).to_contain_text("+44 7700 91")
    steps.subscribe(walker)
    assert business.token not in page.content() and business.app_secret not in page.content()


def activate_channel(walker: Walker, name: str) -> None:
    steps.make_channel(walker, name)
    expect(walker.main('a[href="#deactivate-channel"]')).to_be_visible(timeout=SOON_MS)
    expect(walker.main(".wm-item.is-bad")).to_have_count(0)


def sync_templates(walker: Walker) -> None:
    walker.go("/templates/")
    if walker.main("tbody tr").count() == 0:
        walker.page.locator('form[action$="/sync/"] button').first.click()
    expect(walker.main("tbody tr").first).to_be_visible(timeout=SOON_MS)
    walker.page.reload()
    walker.look()


def create_and_send(walker: Walker, stack: Stack, phone_number_id: str) -> None:
    page = walker.page
    walk.import_people(walker, "Everybody")
    people = walk.make_rule(walker, "Agreed")
    assert 300 < people < 500
    walk.make_test_profile(walker, "Tester Kim", "+447700900777")
    walk.compose(
        walker, "Autumn roast", audience="Agreed", channel="harbor", template="spring_roast_launch", person="Tester Kim"
    )
    control(stack, f"numbers/{phone_number_id}", {"throughput": "STANDARD"})
    walk.activate(walker)
    pause_resume_stop(walker)
    figures, total = walk.buckets(page)
    assert sum(figures) == total == people
    walker.go("/")
    walker.go("/campaigns/")


def pause_resume_stop(walker: Walker) -> None:
    page = walker.page
    moving = page.locator("section[aria-labelledby=buckets-title] tr:last-child td.wm-num")
    expect(moving).not_to_have_text("0", timeout=SOON_MS)
    walk.button(page, "/pause").click()
    expect(walk.button(page, "/resume")).to_be_visible(timeout=SOON_MS)
    walker.look()
    figures, total = walk.buckets(page)
    assert sum(figures) == total
    walk.button(page, "/resume").click()
    expect(walk.button(page, "/pause")).to_be_visible(timeout=SOON_MS)
    page.locator('#live-actions a[href="#stop-dialog"]').click()
    expect(page.locator("#stop-dialog")).to_be_visible()
    walker.look()
    page.locator("#stop-dialog .btn-danger").click()
    expect(page.locator('#live-actions form[action$="/duplicate"]')).to_be_visible(timeout=SOON_MS)
    walker.look()


def nobody_else_sees_it(stack: Stack, sign_in: SignIn, slug: str) -> None:
    page = sign_in("marketer")
    for path in ("/", "/campaigns/", "/profiles/", "/configure/"):
        answer = page.goto(f"{stack.url}/w/{slug}{path}")
        assert answer is not None and answer.status == 404


def test_it_works_without_a_script(stack: Stack, sign_in: SignIn, tmp_path: Path) -> None:
    """From a new campaign to its activation, every step is a plain form or link."""
    page = sign_in("marketer", script=False)
    walker = Walker(page, stack.workspace_url)
    walker.go("/audiences/new/rule/")
    walker.fill(name="Korean speakers")
    walker.main("select[name=g0_field]").select_option("language")
    walker.main("select[name=g0_operator]").select_option("one_of")
    walker.fill(g0_value="ko")
    walker.main(".wm-form-foot button[value=save]").click()
    page.wait_for_url(re.compile(r"/audiences/\d+/$"))
    walker.go("/campaigns/new")
    walker.fill(name="Without a script")
    walker.press("/campaigns/new")
    page.wait_for_url("**/edit")
    page.locator("select[name=audience]").select_option(label="Korean speakers")
    option = page.locator("select[name=channel_configuration] option", has_text="lumen-marketing")
    page.locator("select[name=channel_configuration]").select_option(option.get_attribute("value"))
    save = page.locator("header button:not([name])").first
    save.click()
    option = page.locator("select[name=version] option", has_text=re.compile("spring_roast_launch.*ko"))
    page.locator("select[name=version]").select_option(option.first.get_attribute("value"))
    save.click()
    for field in page.locator(walk.VARIABLES).all():
        expression, fallback = walk.value_for(field)
        field.fill(expression)
        page.locator(f"#{field.get_attribute('id')}-fallback").fill(fallback)
    page.locator("header button[name=review]").click()
    page.wait_for_url("**/review*")
    walk.activate(walker)
    for _ in range(60):
        page.reload()
        if walk.button(page, "/duplicate").count():
            break
        page.wait_for_timeout(500)
    figures, total = walk.buckets(page)
    assert sum(figures) == total > 0
