"""Makes rows in the demo workspace, so that the pages that the walk looks at are not empty."""

import re
import secrets

from playwright.sync_api import Page, expect

from tests.browser import setting_up as steps
from tests.browser.simulated import control
from tests.browser.stack import Stack
from tests.browser.walk import SOON_MS, Walker, make_test_profile


def make_rows(page: Page, stack: Stack) -> dict[str, str]:
    """Rows for alerts, vault, self-test, replay, doctor, ladder, endpoint, duplicates. Gives {kind: path} of what it made."""
    walker = Walker(page, stack.workspace_url)
    tell_from_meta(stack)
    found = {"webhook-test": watch(walker), "replay": replay(walker), "endpoint": endpoint(walker)}
    found |= ladder(walker)
    found |= same_person(walker)
    steps.examine(walker)
    found["examination"] = link(walker, r"/doctor/\d+/$")
    return found


def tell_from_meta(stack: Stack) -> None:
    """An alert that stands, some that are over, an event for an unknown number, a call that is refused."""
    world = control(stack, "state")["world"]
    number, account = f"numbers/{world['phone_number_id']}", f"wabas/{world['waba_id']}"
    for rating in ("YELLOW", "RED", "GREEN"):
        control(stack, number, {"quality_rating": rating})
    control(stack, f"{number}/security", {"event": "PIN_CHANGED"})
    control(stack, f"{account}/stray", {"kind": "unknown_number"})
    control(stack, f"{account}/stray", {"kind": "bad_signature"})


def link(walker: Walker, pattern: str) -> str:
    """The path below the workspace's address of the first link of this shape."""
    links = walker.main("a[href]").evaluate_all("links => links.map(link => link.pathname)")
    paths = [path.partition("/w/")[2].partition("/")[2] for path in links]
    return next(f"/{path}" for path in paths if re.search(pattern, f"/{path}"))


def here(walker: Walker) -> str:
    return walker.page.url.removeprefix(walker.workspace_url)


def watch(walker: Walker) -> str:
    """A self-test that passed, on its own page."""
    walker.go("/configure/")
    number = re.search(r"\d+", link(walker, r"^/configure/\d+/(senders/|webhook/)?$"))
    assert number
    path = f"/webhooks/connections/{number.group()}/"
    walker.go(path)
    walker.main("#self_test form button").click()
    expect(walker.main("#self_test .wm-item.wm-t-ok")).to_have_count(5, timeout=SOON_MS)
    return path


def replay(walker: Walker) -> str:
    walker.go("/webhooks/replays/")
    walker.fill(from_at="2026-01-01T00:00", until_at="2039-01-01T00:00")
    walker.main(".wm-card-body form button").click()
    walker.main(".wm-card-foot form button").click()
    walker.page.wait_for_url(re.compile(r"/replays/\d+/$"))
    return here(walker)


def endpoint(walker: Walker) -> str:
    """An outgoing webhook and a delivery to it, which nobody answers."""
    walker.go("/alerts/webhooks/new/")
    walker.fill(name="Pager", url="https://pager.example.invalid/waymark")
    walker.main("form.wm-form .btn-primary").click()
    walker.page.wait_for_load_state()
    walker.go("/alerts/webhooks/")
    path = link(walker, r"^/alerts/webhooks/\d+/$")
    walker.go(path)
    walker.page.get_by_role("button", name="Send a test").click()
    return path


def ladder(walker: Walker) -> dict[str, str]:
    """The number that is not registered with a code on its way; the other one's form for a PIN; a failed configuration."""
    walker.go("/configure/numbers/")
    rows = walker.main("tbody tr")
    pending = rows.filter(has_text="900119").locator("a").first.get_attribute("href") or ""
    ready = rows.filter(has_text="900118").locator("a").first.get_attribute("href") or ""
    walker.page.goto(walker.page.url.partition("/w/")[0] + pending)
    path = here(walker)
    walker.main('form[action$="/request-code/"] button').click()
    expect(walker.main("[name=code]")).to_be_visible()
    walker.go(f"/configure/channels/new/?number={path.rstrip('/').rsplit('/', 1)[-1]}")
    walker.fill(name="lumen-service")
    walker.main("#channel-form button.btn-primary").click()
    walker.page.wait_for_url(re.compile(r"/channels/\d+/$"))
    steps.wait_for_checks(walker)
    return {
        "number": "/" + ready.partition("/w/")[2].partition("/")[2],
        "number-pin": "/" + ready.partition("/w/")[2].partition("/")[2] + "?step=set_pin",
        "number-verify": path,
        "number-ask": f"{path}?step=request_code",
        "channel-failed": here(walker),
        "channel-failed-edit": f"{here(walker)}edit/",
    }


def same_person(walker: Walker) -> dict[str, str]:
    """Two profiles of one name, side by side."""
    paths = []
    for _ in range(2):
        make_test_profile(walker, "Minjun Twice", f"+4474{secrets.randbelow(90_000_000) + 10_000_000}")
        paths.append(here(walker))
    other = re.sub(r"\D", "", paths[1])
    return {"merge-find": f"{paths[0]}merge/", "merge": f"{paths[0]}merge/{other}/"}


def new_workspace(staff: Page, stack: Stack, email: str) -> str:
    """A workspace in which nothing was done yet, of somebody who has signed in before; gives its address."""
    slug = steps.new_slug("Nothing")
    walker = Walker(staff, stack.workspace_url)
    staff.goto(f"{stack.url}/staff/workspaces/new/")
    walker.fill(name="Nothing yet", slug=slug, owner_email=email)
    walker.press()
    expect(staff.get_by_text("Nothing yet").first).to_be_visible()
    return f"{stack.url}/w/{slug}"
