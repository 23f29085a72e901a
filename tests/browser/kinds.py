"""Every kind of page with one address of it, found by following the links of the running demo as a person would."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page

# Pages that have a fixed address, below the workspace's.
FIXED = {
    "get-started": "/",
    "profiles": "/profiles/",
    "profile-new": "/profiles/new/",
    "suppressions": "/suppressions/",
    "audiences": "/audiences/",
    "list-new": "/audiences/new/list/",
    "rule-new": "/audiences/new/rule/",
    "imports": "/imports/",
    "import-new": "/imports/new/",
    "accounts": "/configure/",
    "credentials-new": "/configure/new/",
    "channels": "/configure/channels/",
    "channel-new": "/configure/channels/new/",
    "templates": "/templates/",
    "picker": "/content/templates/",
    "webhooks": "/webhooks/",
    "webhooks-searched": "/webhooks/?field=messages",
    "replays": "/webhooks/replays/",
    "numbers": "/configure/numbers/",
    "number-new": "/configure/numbers/new/",
    "doctor": "/doctor/",
    "alerts": "/alerts/?state=all",
    "alert-subscriptions": "/alerts/subscriptions/",
    "alert-endpoints": "/alerts/webhooks/",
    "alert-endpoint-new": "/alerts/webhooks/new/",
    "duplicates": "/profiles/duplicates/",
    "phone-fields": "/settings/phone-fields/",
    "campaigns": "/campaigns/",
    "campaign-new": "/campaigns/new",
    "settings": "/settings/",
    "members": "/settings/members/",
    "audit": "/settings/audit/",
}
# Pages about one thing: the list that links to it, and what such a link looks like below the workspace's address.
FOUND = {
    "profile": ("/profiles/", r"/profiles/\d+/$"),
    "audience": ("/audiences/", r"/audiences/\d+/$"),
    "import": ("/imports/", r"/imports/\d+/$"),
    "credentials": ("/configure/", r"/configure/\d+/$"),
    "senders": ("/configure/", r"/configure/\d+/senders/$"),
    "webhook": ("/configure/", r"/configure/\d+/webhook/$"),
    "channel": ("/configure/channels/", r"/configure/channels/\d+/$"),
    "template": ("/templates/", r"/templates/\d+/"),
    "webhook-body": ("/webhooks/", r"/webhooks/\d+/$"),
    "campaign": ("/campaigns/?sort=created", r"/campaigns/\d+/$"),
}
# Pages below those.
BELOW = {
    "profile-edit": ("profile", "edit/"),
    "campaign-proof": ("campaign", "proof"),
    "channel-edit": ("channel", "edit/"),
    "endpoint-edit": ("endpoint", "edit/"),
    "draft-edit": ("draft", "edit"),
    "draft-review": ("draft", "review"),
}
# Pages of a workspace in which nothing was done yet.
EMPTY = {
    "get-started-new": "/",
    "accounts-empty": "/configure/",
    "numbers-empty": "/configure/numbers/",
    "channels-empty": "/configure/channels/",
    "channel-new-empty": "/configure/channels/new/",
    "webhooks-empty": "/webhooks/",
    "doctor-empty": "/doctor/",
    "alerts-empty": "/alerts/",
    "alert-endpoints-empty": "/alerts/webhooks/",
    "duplicates-empty": "/profiles/duplicates/",
}
OUTSIDE = {"account": "/me/", "two-step": "/accounts/2fa/", "password": "/accounts/password/change/"}
STAFF = {
    "staff-workspaces": "/staff/",
    "staff-workspace-new": "/staff/workspaces/new/",
    "staff-people": "/staff/people/",
    "staff-person-new": "/staff/people/new/",
    "styleguide": "/staff/styleguide/",
}
STRANGER = {"sign-in": "/accounts/login/", "reset": "/accounts/password/reset/", "not-found": "/nowhere/"}
MISSING = frozenset({"not-found"})


@dataclass(frozen=True)
class Kind:
    """A page: its name, its whole address and who looks at it (a demo sign-in; None: nobody is signed in)."""

    name: str
    url: str
    who: str | None


def all_kinds(page: Page, url: str, workspace_url: str, *, made: dict[str, str], empty_url: str) -> list[Kind]:
    """Every kind of page; `page` belongs to the owner. Makes one draft of a campaign.

    `made`: {kind: path} of the pages of rows that were made for this; `empty_url`: a workspace without any.
    """
    found = FIXED | made
    for name, (source, pattern) in FOUND.items():
        found[name] = first_link(page, workspace_url, source, pattern)
    found["draft"] = make_draft(page, workspace_url)
    message = re.search(r"/messages/\d+/", _content(page, workspace_url + found["campaign"]))
    assert message, "the campaign's page links to no message"
    found["message"] = message.group()
    for name, (parent, rest) in BELOW.items():
        found[name] = found[parent] + rest
    del found["draft"]
    kinds = [Kind(name, workspace_url + path, "owner") for name, path in found.items()]
    kinds += [Kind(name, empty_url + path, "owner") for name, path in EMPTY.items()]
    kinds += [Kind(name, url + path, "owner") for name, path in OUTSIDE.items()]
    kinds += [Kind(name, url + path, "staff") for name, path in STAFF.items()]
    return kinds + [Kind(name, url + path, None) for name, path in STRANGER.items()]


def first_link(page: Page, workspace_url: str, source: str, pattern: str) -> str:
    """The path, below the workspace's address, of the first link in the page's main part that fits."""
    page.goto(workspace_url + source)
    hrefs = page.locator("main a[href]").evaluate_all("links => links.map(link => link.href)")
    paths = [href.removeprefix(workspace_url).partition("?")[0] for href in hrefs if href.startswith(workspace_url)]
    fitting = [path for path in paths if re.match(pattern, path)]
    assert fitting, f"{source} has no link like {pattern}, only {paths}"
    return fitting[0]


def make_draft(page: Page, workspace_url: str, name: str = "Autumn roast") -> str:
    page.goto(f"{workspace_url}/campaigns/new")
    page.locator("input[name=name]").fill(name)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/edit")
    return page.url.removeprefix(workspace_url).removesuffix("edit")


def _content(page: Page, address: str) -> str:
    page.goto(address)
    return page.content()
