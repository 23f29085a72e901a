"""The navigation of a workspace: from the role table, so that nobody sees what they may not open."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts import number_words
from channels_app.accounts.models import PhoneNumber
from console.alerts import presenting as alerts
from console.home import queries
from console.home.links import link
from console.kit import wording
from console.workspaces import access, roles
from console.workspaces.models import Membership, Workspace
from console.workspaces.queries import workspaces_of


@dataclass(frozen=True)
class Page:
    """One entry: its words, icon, address name, and what a role needs to open it."""

    label: Promise
    icon: str
    name: str
    capability: str
    is_mobile: bool = False
    short_label: Promise | str = ""


SECTIONS: tuple[tuple[Promise | str, tuple[Page, ...]], ...] = (
    (
        "",
        (
            Page(
                gettext_lazy("Get started"),
                "flag",
                "home:get_started",
                "workspace.view",
                True,
                gettext_lazy("Start"),
            ),
        ),
    ),
    (
        gettext_lazy("Create"),
        (
            Page(gettext_lazy("Campaigns"), "speakerphone", "campaigns:list", "campaigns.view", True),
            Page(gettext_lazy("Templates"), "message", "message_templates:list", "templates.view", True),
            Page(gettext_lazy("Audiences"), "users-group", "audiences:list", "audiences.view", True),
            Page(gettext_lazy("Profiles"), "address-book", "audiences:profiles", "profiles.view"),
            Page(gettext_lazy("Suppressions"), "user-off", "audiences:suppressions", "profiles.view"),
            Page(gettext_lazy("Imports"), "file-import", "audiences:imports", "profiles.import"),
        ),
    ),
    (
        gettext_lazy("Configure"),
        (
            Page(gettext_lazy("Meta accounts"), "plug-connected", "accounts:accounts", "accounts.view"),
            Page(gettext_lazy("Numbers"), "phone", "accounts:numbers", "accounts.view"),
            Page(gettext_lazy("Channels"), "antenna-bars-5", "accounts:channels", "accounts.view"),
            Page(gettext_lazy("Webhooks"), "webhook", "webhooks:list", "accounts.view"),
            Page(gettext_lazy("Setup doctor"), "stethoscope", "doctor:page", "accounts.view"),
        ),
    ),
    (
        gettext_lazy("Settings"),
        (
            Page(gettext_lazy("Alerts"), "bell", "alerts:list", "workspace.view"),
            Page(gettext_lazy("Workspace"), "settings", "workspaces:settings", "workspace.manage"),
            Page(gettext_lazy("Members"), "users", "workspaces:members", "workspace.manage"),
            Page(gettext_lazy("Audit trail"), "history", "workspaces:audit", "audit.view"),
        ),
    ),
)
STAFF_PAGES = (
    (gettext_lazy("Workspaces"), "building", "staff:workspaces"),
    (gettext_lazy("People"), "users", "staff:people"),
    (gettext_lazy("Style guide"), "palette", "staff:styleguide"),
)
QUALITY = {
    "GREEN": ("ok", gettext_lazy("High")),
    "YELLOW": ("warn", gettext_lazy("Medium")),
    "RED": ("bad", gettext_lazy("Low")),
}
NUMBER_STATUS = {
    "CONNECTED": gettext_lazy("Connected"),
    "PENDING": gettext_lazy("Not registered yet"),
    "DISCONNECTED": gettext_lazy("Disconnected"),
    "FLAGGED": gettext_lazy("Flagged: quality is low"),
    "RESTRICTED": gettext_lazy("Restricted by Meta, or its messaging limit is used up"),
    "RATE_LIMITED": gettext_lazy("Slowed down by Meta"),
    "BANNED": gettext_lazy("Banned by Meta"),
    "MIGRATED": gettext_lazy("Moved to another account"),
    "UNVERIFIED": gettext_lazy("Not verified yet"),
}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for the shell, see docs/ui.md section 1.

    Four queries inside a workspace: readiness, the sender, the switcher's workspaces, the bell. One more on pages outside of one.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    context: dict[str, Any] = {
        "account_url": reverse("me:account"),
        "theme_url": reverse("me:theme"),
        "language_url": reverse("me:language"),
        "sign_out_url": reverse("account_logout"),
    }
    match = request.resolver_match
    if match is not None and "staff" in match.namespaces:
        return context | _staff_context(request)
    membership = getattr(request, "membership", None) or _last_membership(request)
    if membership is None:
        return context | {"nav": _staff_nav(request) if user.is_staff else []}
    return context | _workspace_context(request, membership)


def _workspace_context(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    workspace = membership.workspace
    number = queries.sender(workspace)
    return {
        "workspace": workspace,
        "workspaces": _switcher(request, workspace),
        "workspace_home_url": link("home:get_started", workspace.slug),
        "search_url": link("home:search", workspace.slug),
        "sender_health": _sender_health(workspace, number),
        "setup_url": link("home:get_started", workspace.slug) if queries.readiness_of(request).is_complete else "",
        "notifications": alerts.bell(membership),
        "nav": _workspace_nav(request, membership),
    }


def _last_membership(request: HttpRequest) -> Membership | None:
    """On pages outside of any workspace (account, errors): the workspace the person was in last. One query."""
    slug = request.session.get(access.LAST_WORKSPACE)
    if not slug:
        return None
    rows = Membership.objects.select_related("workspace").filter(workspace__slug=slug, user=request.user.pk)
    membership = rows.first()
    if membership is not None:
        request.workspace = membership.workspace  # type: ignore[attr-defined]
    return membership


def _switcher(request: HttpRequest, current: Workspace) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "name": workspace.name,
            "initials": workspace.initials,
            "url": link("home:get_started", workspace.slug),
            "is_current": workspace.pk == current.pk,
        }
        for workspace in workspaces_of(request.user)  # type: ignore[arg-type]
    ]
    if request.user.is_staff:
        rows.append({"name": _("Staff pages"), "initials": "★", "url": reverse("staff:workspaces")})
    return rows


def _workspace_nav(request: HttpRequest, membership: Membership) -> list[dict[str, Any]]:
    slug = membership.workspace.slug
    readiness = queries.readiness_of(request)
    sections = []
    for label, pages in SECTIONS:
        items = []
        for page in pages:
            url = link(page.name, slug) if roles.can(membership.role, page.capability) else ""
            if not url or (page.name == "home:get_started" and readiness.is_complete):
                continue
            item = {
                "label": page.label,
                "short_label": page.short_label or page.label,
                "icon": page.icon,
                "url": url,
                "is_mobile": page.is_mobile,
            }
            if page.name == "home:get_started":
                item["badge"] = _("%(done)d of %(total)d") % {
                    "done": readiness.done_count,
                    "total": readiness.total,
                }
            items.append(item)
        if items:
            sections.append({"label": label, "items": items})
    _mark_current(request.path, sections)
    return sections


def _staff_nav(request: HttpRequest) -> list[dict[str, Any]]:
    items = []
    for label, icon, name in STAFF_PAGES:
        url = reverse(name)
        items.append({"label": label, "icon": icon, "url": url, "is_mobile": True})
    sections = [{"label": _("Installation"), "items": items}]
    _mark_current(request.path, sections)
    return sections


def _staff_context(request: HttpRequest) -> dict[str, Any]:
    """Staff pages have their own colour and navigation. One query."""
    mine = [
        {"name": row.name, "initials": row.initials, "url": link("home:get_started", row.slug)}
        for row in workspaces_of(request.user)  # type: ignore[arg-type]
    ]
    here = {"name": _("Staff pages"), "initials": "★", "url": reverse("staff:workspaces"), "is_current": True}
    return {
        "nav": _staff_nav(request),
        "workspace": {"name": _("Staff pages"), "is_staff": True, "environment": _("This installation")},
        "workspaces": [*mine, here],
        "workspace_home_url": reverse("staff:workspaces"),
    }


def _mark_current(path: str, sections: list[dict[str, Any]]) -> None:
    """Marks the entry whose address is the longest beginning of the current one; a message belongs to its campaign."""
    path = path.replace("/messages/", "/campaigns/")
    items = [item for section in sections for item in section["items"] if path.startswith(item["url"])]
    if items:
        max(items, key=lambda item: len(item["url"]))["is_current"] = True


def _sender_health(workspace: Workspace, number: PhoneNumber | None) -> dict[str, Any]:
    url = link("accounts:accounts", workspace.slug)
    if number is None:
        return {
            "tone": "mute",
            "label": _("Sending is locked"),
            "text": _("Connect a phone number first"),
            "url": url,
            "is_locked": True,
        }
    url = link("accounts:number", workspace.slug, pk=number.pk)
    tone, quality = QUALITY.get(number.quality_rating, ("mute", _("No rating yet")))
    status = NUMBER_STATUS.get(number.status, _("Status unknown"))
    if not number.can_send:
        return {
            "tone": "bad",
            "label": _("Sending is locked"),
            "text": _("%(number)s: %(status)s") % {"number": number.display_number, "status": status},
            "url": url,
            "is_locked": True,
        }
    limit, used = number_words.limit_count(number.messaging_limit), getattr(number, "used_count", None)
    text = _limit_text(number.messaging_limit) or status
    if limit and used is not None:
        text = _("%(used)s of %(limit)s in 24 h") % {"used": wording.number(used), "limit": wording.number(limit)}
    return {
        "tone": tone,
        "label": number.display_number,
        "word": quality,
        "text": text,
        "used": used,
        "limit": limit if used is not None else None,
        "url": url,
        "is_locked": False,
    }


def _limit_text(messaging_limit: str) -> str:
    """'TIER_100K' -> 'Up to 100,000 people a day'. Tiers: reference/meta-cloud-api.md."""
    tier = messaging_limit.removeprefix("TIER_")
    if tier == "UNLIMITED":
        return _("No daily limit")
    digits = tier.removesuffix("K")
    if not digits.isdigit():
        return ""
    count = int(digits) * (1000 if tier.endswith("K") else 1)
    return _("Up to %(count)s people a day") % {"count": wording.number(count)}
