"""What each role sees and may press in the demo workspace, in both languages; the server refuses the rest."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import walk
from tests.browser.conftest import SignIn, signed_in
from tests.browser.simulated import control
from tests.browser.stack import Stack
from tests.browser.walk import SOON_MS, Walker

TOKEN = "EAASIMLUMENFULLACCESS"
WHOLE_NUMBER = re.compile(r"\+447700900\d{3}|\+44 7700 900(?!11)\d{3}")
WRITING = "main form[method=post] button:not([data-wm-theme])"
PAGES = (
    "/",
    "/campaigns/",
    "/templates/",
    "/audiences/",
    "/profiles/",
    "/configure/",
    "/configure/channels/",
    "/webhooks/",
)


@pytest.fixture(params=("en", "ko"))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def as_role(stack: Stack, sign_in: SignIn, language: str) -> Any:
    return lambda who: Walker(sign_in(who, language=language), stack.workspace_url, language)


@pytest.fixture(scope="module")
def sent(stack: Stack, browser: Browser, sessions: dict[str, Any]) -> str:
    """The path of the demo's own campaign, which is over."""
    with signed_in(stack, browser, sessions, "viewer") as page:
        page.goto(f"{stack.workspace_url}/campaigns/?state=completed")
        hrefs = page.locator("main a.wm-key").evaluate_all("links => links.map(link => link.href)")
        return next(href for href in hrefs if re.search(r"/campaigns/\d+/$", href)).removeprefix(stack.workspace_url)


def ready_draft(stack: Stack, browser: Browser, sessions: dict[str, Any], name: str) -> str:
    """A campaign that the marketer has brought to the review; gives its path."""
    with signed_in(stack, browser, sessions, "marketer") as page:
        walker = Walker(page, stack.workspace_url)
        walk.compose(walker, name, audience="Coffee club", channel="lumen-marketing", template="spring_roast_launch")
        return page.url.removeprefix(stack.workspace_url).partition("review")[0]


def test_an_approver_activates_and_pauses_what_another_wrote(
    stack: Stack, browser: Browser, sessions: dict[str, Any], as_role: Any
) -> None:
    path = ready_draft(stack, browser, sessions, "For approval")
    walker = as_role("approver")
    page = walker.page
    assert status(page, f"{walker.workspace_url}/campaigns/new") == 403
    assert status(page, f"{walker.workspace_url}{path}edit") == 403
    walker.go(f"{path}review")
    assert not page.locator('header a[href$="/edit"]').count()
    walk.activate(walker)
    walk.button(page, "/pause").click()
    expect(walk.button(page, "/resume")).to_be_visible(timeout=SOON_MS)
    walker.look()
    assert not page.locator('form[action$="/duplicate"]').count()
    page.locator('#live-actions a[href="#stop-dialog"]').click()
    page.locator("#stop-dialog .btn-danger").click()
    expect(walk.button(page, "/resume")).to_have_count(0, timeout=SOON_MS)
    assert not WHOLE_NUMBER.search(page.locator("main").inner_text())


def test_a_marketer_creates_but_does_not_configure(as_role: Any) -> None:
    walker = as_role("marketer")
    for path in PAGES:
        walker.go(path)
    walker.go("/campaigns/")
    expect(walker.main('a[href$="/campaigns/new"]')).to_be_visible()
    walker.go("/configure/")
    assert not walker.main('a[href$="/configure/new/"]').count()
    assert status(walker.page, f"{walker.workspace_url}/configure/new/") == 403
    assert status(walker.page, f"{walker.workspace_url}/settings/members/") == 403


def test_a_channel_admin_configures_but_does_not_create(as_role: Any, sent: str) -> None:
    walker = as_role("channels")
    walker.go("/configure/")
    expect(walker.main('a[href$="/configure/new/"]')).to_be_visible()
    walker.go("/configure/channels/new/")
    expect(walker.main("form .btn-primary")).to_be_visible()
    walker.go("/campaigns/")
    assert not walker.main('a[href$="/campaigns/new"]').count()
    for path in ("/campaigns/new", "/imports/new/", "/audiences/new/rule/", "/settings/"):
        assert status(walker.page, walker.workspace_url + path) == 403, path
    walker.go(sent)
    assert not walker.page.locator("#live-actions form").count()


def test_a_viewer_reads_and_sees_neither_secrets_nor_whole_numbers(as_role: Any, sent: str) -> None:
    walker = as_role("viewer")
    for path in (*PAGES, sent, f"{sent}proof"):
        walker.go(path)
        shown = walker.page.content()
        assert TOKEN not in shown and "sim_app_secret" not in shown, path
        assert not WHOLE_NUMBER.search(walker.page.locator("main").inner_text()), f"{path} shows a whole number"
        writing = [text for text in walker.page.locator(WRITING).all_inner_texts() if text.strip()]
        assert not [text for text in writing if text], f"{path} offers {writing}"
    for path in ("/campaigns/new", "/profiles/new/", "/imports/new/", "/configure/new/", "/settings/audit/"):
        assert status(walker.page, walker.workspace_url + path) == 403, path


def test_staff_see_their_pages_and_no_workspace_that_is_not_theirs(stack: Stack, as_role: Any, sign_in: SignIn) -> None:
    walker = as_role("staff")
    for path in ("/staff/", "/staff/people/", "/staff/workspaces/new/"):
        walker.page.goto(stack.url + path)
        walker.look()
    assert status(walker.page, f"{walker.workspace_url}/campaigns/") == 404
    stranger = as_role("owner")
    assert status(stranger.page, f"{stack.url}/staff/") == 404
    assert status(sign_in(None), f"{walker.workspace_url}/campaigns/") == 200, "a stranger is sent to the sign-in"


def test_a_configuration_that_fails_says_which_check_and_what_to_do(stack: Stack, as_role: Any, language: str) -> None:
    """The second number of the demo's account is not registered: the configuration can't become active."""
    walker = as_role("channels")
    walker.go("/configure/channels/new/")
    walker.fill(name=f"service-{language}")
    walker.choose("phone_number", "+44 7700 900119")
    walker.main("form .btn-primary").click()
    walker.page.wait_for_url(re.compile(r"/channels/\d+/$"))
    failed = walker.main(".wm-item.is-bad, .wm-check.is-bad")
    expect(failed.first).to_be_visible(timeout=SOON_MS)
    walker.look()
    assert len(failed.first.inner_text()) > 40, "the check has no remedy"
    assert control(stack, "state")["world"]["token"] not in walker.page.content()


def status(page: Page, url: str) -> int:
    answer = page.goto(url)
    assert answer is not None
    return answer.status
