"""The steps of a walk through the console, found by ids, names and addresses, so that they work in every language."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.catalogue import assert_language
from tests.browser.conftest import PASSWORD
from tests.browser.simulated import Business

SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "samples"
VARIABLES = ".wm-variables > .wm-variable input[list=content-attributes]:visible"
REACHABLE = "+447700900612"
SOON_MS = 30_000  # what workers do in the background
TOO_WIDE = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("body *")].filter(node => node.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 3).map(node => node.tagName + "." + node.className)"""
# Words on buttons, pills and in headings that end in the middle.
CUT_OFF = """() => [...document.querySelectorAll("#main h1, #main h2, #main .btn, #main .wm-pill")]
  .filter(node => node.checkVisibility() && getComputedStyle(node).overflowX !== "visible")
  .filter(node => node.scrollWidth > node.clientWidth + 1)
  .slice(0, 3).map(node => node.className + ": " + node.innerText)"""


@dataclass
class Walker:
    """Somebody at a browser, in one workspace and one language; looks at each page on the way: its language, its width."""

    page: Page
    workspace_url: str
    language: str = "en"
    runs_scripts: bool = True

    def go(self, path: str) -> None:
        self.page.goto(self.workspace_url + path)
        self.look()

    def look(self) -> None:
        self.page.wait_for_load_state()
        assert_language(self.page, self.language)
        assert not (wide := self.page.evaluate(TOO_WIDE)), f"{self.page.url} is wider than the screen: {wide}"
        assert not (cut := self.page.evaluate(CUT_OFF)), f"{self.page.url}: words are cut off: {cut}"

    def main(self, selector: str) -> Locator:
        return self.page.locator("#main").locator(selector)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.main(f"[name={name}]").fill(value)

    def press(self, action: str = "") -> None:
        """Presses the button of the form that posts to an address ending so; without one the page's first form's."""
        form = self.main(f'form[action$="{action}"]') if action else self.main("form[method=post]")
        form.first.locator("button.btn-primary, button.btn").last.click()

    def choose(self, name: str, text: str) -> None:
        """Chooses the option whose text contains this; a searchable select keeps its native select behind."""
        select = self.page.locator(f"select[name={name}]")
        value = select.locator("option", has_text=text).first.get_attribute("value")
        select.evaluate(
            "(select, value) => {select.value = value; select.dispatchEvent(new Event('change', {bubbles: true}))}",
            value,
        )


def invite_owner(staff: Walker, owner: Page, url: str, *, name: str, slug: str, email: str) -> Walker:
    """Staff make the workspace; the owner follows the link, sets a password and signs in."""
    staff.page.goto(f"{url}/staff/workspaces/new/")
    staff.fill(name=name, slug=slug, owner_email=email)
    staff.press()
    expect(staff.main(f'a[href="/w/{slug}/"]').or_(staff.page.get_by_text(name)).first).to_be_visible()
    link = staff.main("code.wm-code").inner_text()
    owner.goto(link)
    for field in owner.locator("main input[type=password]").all():
        field.fill(PASSWORD)
    owner.locator("main form button.btn-primary").click()
    owner.goto(f"{url}/accounts/login/")
    if owner.locator("input[name=login]").count():
        owner.locator("input[name=login]").fill(email)
        owner.locator("input[name=password]").fill(PASSWORD)
        owner.locator("main form button.btn-primary").click()
    owner.wait_for_url(f"**/w/{slug}/**")
    return Walker(owner, f"{url}/w/{slug}", staff.language)


def add_credentials(walker: Walker, business: Business, *, name: str, token: str) -> None:
    walker.go("/configure/new/")
    walker.fill(name=name, app_id=business.app_id, app_secret=business.app_secret, access_token=token)
    walker.page.locator("button[form=access-form]").click()
    walker.page.wait_for_url(re.compile(r"/configure/\d+/$"))
    walker.look()
    assert token not in walker.page.content(), "a token is shown"


def renew(walker: Walker, token: str) -> None:
    walker.main("#renew input[name=access_token]").fill(token)
    walker.main('#renew form[action$="/renew/"] button').click()
    walker.page.wait_for_load_state()
    walker.look()


def import_people(walker: Walker, audience: str) -> None:
    """Uploads the sample, gives its columns their places, reads the preview, imports, waits."""
    walker.go("/imports/new/")
    walker.main("input[type=file]").set_input_files(SAMPLES / "profiles.csv")
    walker.press()
    walker.page.wait_for_url("**/mapping/")
    walker.look()
    assert walker.main("select[name=c0_field]").input_value() == "phone"
    walker.main("select[name=audience]").select_option("new")
    walker.fill(audience_name=audience)
    walker.press()
    expect(walker.main("[data-status=ready]")).to_be_visible(timeout=SOON_MS)
    walker.page.reload()
    walker.look()
    walker.main('form[action$="/start/"] button').click()
    expect(walker.main('.wm-page-actions a[href*="/audiences/"]')).to_be_visible(timeout=SOON_MS)


def make_rule(walker: Walker, name: str) -> int:
    """A rule “consent to marketing is given”; gives how many the page counted before it was saved."""
    walker.go("/audiences/new/rule/")
    walker.fill(name=name)
    walker.main("select[name=g0_field]").select_option("consent.marketing")
    walker.main("select[name=g0_operator]").select_option("granted")
    count = walker.main("#rule-count .wm-big")
    expect(count).to_be_visible(timeout=SOON_MS)
    people = number(count)
    walker.main(".wm-form-foot button[value=save]").click()
    walker.page.wait_for_url(re.compile(r"/audiences/\d+/$"))
    walker.look()
    return people


def make_test_profile(walker: Walker, name: str, phone: str, language: str = "en") -> None:
    walker.go("/profiles/new/")
    walker.fill(name=name, phone=phone, external_id=f"T-{phone[-4:]}", language=language)
    walker.main("[name=is_test]").check()
    walker.main("form .btn-primary").click()
    walker.page.wait_for_url(re.compile(r"/profiles/\d+/$"))


def one_reachable_person(walker: Walker) -> None:
    """The only speaker of Esperanto, who has agreed, and the audience of its speakers; both once per demo."""
    walker.go("/audiences/")
    if walker.main("a.wm-key").filter(has_text="Esperanto").count():
        return
    make_test_profile(walker, "Ludwik Z", REACHABLE, language="eo")
    walker.main('form[action$="/consent/"] [name=note]').fill("Signed at the counter")
    walker.main('form[action$="/consent/"] button').click()
    walker.go("/audiences/new/rule/")
    walker.fill(name="Esperanto")
    walker.main("select[name=g0_field]").select_option("language")
    walker.main("select[name=g0_operator]").select_option("one_of")
    walker.fill(g0_value="eo")
    expect(walker.main("#rule-count .wm-big")).to_have_text("1", timeout=SOON_MS)
    walker.main(".wm-form-foot button[value=save]").click()
    walker.page.wait_for_url(re.compile(r"/audiences/\d+/$"))


def compose(walker: Walker, name: str, *, audience: str, channel: str, template: str, person: str = "") -> None:
    """Makes a campaign in the composer up to the review; looks at the preview as a test profile on the way."""
    page = walker.page
    walker.go("/campaigns/new")
    walker.fill(name=name)
    walker.press("/campaigns/new")
    page.wait_for_url("**/edit")
    walker.look()
    for field, text in (("audience", audience), ("channel_configuration", channel), ("version", template)):
        with page.expect_response(lambda response: response.request.method == "POST" and "/edit" in response.url):
            walker.choose(field, text)
        page.wait_for_timeout(150)
    expect(page.locator("#eligible .wm-big")).to_be_visible(timeout=SOON_MS)
    fill_variables(walker)
    if person:
        with page.expect_response(lambda response: "/preview" in response.url):
            walker.choose("as", person)
        expect(page.locator("#content-preview")).to_contain_text(person.split()[0])
    walker.look()
    page.locator("header button[name=review]").click()
    page.wait_for_url("**/review*")
    walker.look()


def fill_variables(walker: Walker) -> None:
    """Gives every required variable an expression and a fallback; each change is saved by itself."""
    page = walker.page
    for field in page.locator(VARIABLES).all():
        expression, fallback = value_for(field)
        field.fill(expression)
        other = page.locator(f"#{field.get_attribute('id')}-fallback")
        with page.expect_response(lambda response: response.request.method == "POST" and "/edit" in response.url):
            other.fill(fallback)
            other.dispatch_event("change")
        page.wait_for_timeout(300)  # the answer is put in place: typed before that, the next variable would be lost


def value_for(field: Locator) -> tuple[str, str]:
    """Expression and fallback for a variable: an address for media, something of the profile for everything else."""
    if re.search(r"image|video|document", field.get_attribute("id") or ""):
        return "https://lumen.example/club.jpg", ""
    return "{{ profile.name }}", "friend"


def activate(walker: Walker) -> None:
    """Accepts what must be accepted and activates; ends on the live page."""
    for warning in walker.page.locator("input[name=accept]").all():
        warning.check()
    button = walker.page.locator('form[action$="/activate"] .btn-primary')
    assert button.is_enabled(), walker.main(".wm-page-alerts").inner_text()
    button.click()
    walker.page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    walker.look()


def number(locator: Locator) -> int:
    return int(re.sub(r"[^\d]", "", locator.inner_text()) or 0)


def buckets(page: Page) -> tuple[list[int], int]:
    """The figures of “Every person once”, and the sum that the page states below them. Read at one instant."""
    script = """cells => cells.map(cell => parseInt(cell.innerText.replace(/[^0-9]/g, "") || "0"))"""
    values = page.locator("section[aria-labelledby=buckets-title] td.wm-num").evaluate_all(script)
    return values[:-1], values[-1]


def button(page: Page, action: str) -> Locator:
    """The button that posts to an address ending so, in the page's head."""
    return page.locator(f'#live-actions form[action$="{action}"] button')
