"""The checklist of Get started and the four-step path, built from rows: never ticked by hand."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.states import CAMPAIGN
from console.home.links import link
from console.home.navigation import NUMBER_STATUS
from console.home.queries import COUNTED_AT_MOST, Facts, Readiness
from console.kit import wording
from console.workspaces import roles
from console.workspaces.models import Membership

Item = dict[str, Any]

# line -> page once it is done, page while it is open, capability for that, its words
ACTIONS: dict[str, tuple[str, str, str, Promise]] = {
    "credentials": ("accounts:accounts", "accounts:new", "accounts.manage", gettext_lazy("Add credentials")),
    "account": ("accounts:accounts", "accounts:senders", "accounts.manage", gettext_lazy("Choose account")),
    "number": ("accounts:accounts", "accounts:senders", "accounts.manage", gettext_lazy("Choose number")),
    "webhook": ("webhooks:list", "accounts:webhook", "accounts.manage", gettext_lazy("Set up webhook")),
    "channel": ("accounts:channels", "accounts:new_channel", "accounts.manage", gettext_lazy("Create channel")),
    "template": ("message_templates:list", "message_templates:list", "templates.view", gettext_lazy("View templates")),
    "people": ("audiences:profiles", "audiences:import_new", "profiles.import", gettext_lazy("Import people")),
    "campaign": ("campaigns:list", "campaigns:create", "campaigns.edit", gettext_lazy("Create campaign")),
}
OF_CREDENTIALS = frozenset({"accounts:senders", "accounts:webhook"})  # pages that belong to one set of credentials


def checklist(membership: Membership, readiness: Readiness, facts: Facts) -> list[Item]:
    """One item per line for the kit's checklist; the first open line that this person can act on is next. No query."""
    described = (
        ("credentials", _("API credentials"), *_credentials(facts)),
        ("account", _("WhatsApp Business Account"), *_account(facts)),
        ("number", _("Phone number"), *_number(facts)),
        ("webhook", _("Webhook"), *_webhook(facts)),
        ("channel", _("Channel configuration"), *_channel(facts)),
        ("template", _("Approved template"), *_template(facts)),
        ("people", _("People who agreed"), *_people(facts)),
        ("campaign", _("First campaign"), *_campaign(facts, readiness)),
    )
    items: list[Item] = []
    has_next = False
    for line, title, tone, word, text in described:
        is_done = getattr(readiness, line)
        action = _action(membership, line, facts, is_done=is_done)
        is_next = not is_done and not has_next and bool(action) and tone != "info"
        has_next = has_next or is_next
        items.append({"title": title, "tone": tone, "word": word, "text": text, "action": action, "is_next": is_next})
    return items


def _action(membership: Membership, line: str, facts: Facts, *, is_done: bool) -> dict[str, Any] | None:
    done_page, open_page, capability, words = ACTIONS[line]
    slug = membership.workspace.slug
    if is_done:
        url = link(done_page, slug)
        return {"label": _("View"), "url": url} if url else None
    if not roles.can(membership.role, capability):
        return None
    if open_page not in OF_CREDENTIALS:
        url = link(open_page, slug)
    else:
        url = link(open_page, slug, pk=facts.credentials.pk) if facts.credentials else ""
    return {"label": words, "url": url} if url else None


def _credentials(facts: Facts) -> tuple[str, str, str]:
    row = facts.credentials
    if row is None:
        return "todo", _("Not set up"), _("An app of yours at Meta and a token that may send and manage messages")
    if row.status == "valid":
        if row.token_expires_at:
            when = wording.when(row.token_expires_at)
            return (
                "ok",
                _("Working"),
                _("%(name)s, the token is good until %(when)s") % {"name": row.name, "when": when},
            )
        return "ok", _("Working"), _("%(name)s, the token does not expire") % {"name": row.name}
    if row.status == "unchecked":
        return "info", _("Not checked yet"), _("%(name)s is waiting for its first check") % {"name": row.name}
    return "bad", str(row.status_state.label), _("%(name)s: open it to see which check failed") % {"name": row.name}  # type: ignore[attr-defined]


def _account(facts: Facts) -> tuple[str, str, str]:
    row = facts.account
    if row is None:
        return "todo", _("Not set up"), _("The business account at Meta that owns your numbers and templates")
    return "ok", _("Ready"), _("%(name)s, account %(id)s") % {"name": row.name or row.waba_id, "id": row.waba_id}


def _number(facts: Facts) -> tuple[str, str, str]:
    row = facts.number
    if row is None:
        return "todo", _("Not set up"), _("The sender people see")
    if row.can_send:
        text = _("%(number)s, display name “%(name)s”") % {"number": row.display_number, "name": row.verified_name}
        return "ok", _("Ready"), text if row.verified_name else row.display_number
    word = NUMBER_STATUS.get(row.status, _("Status unknown"))
    return "bad", _("Can’t send"), _("%(number)s: %(status)s") % {"number": row.display_number, "status": word}


def _webhook(facts: Facts) -> tuple[str, str, str]:
    if facts.heard is not None:
        return "ok", _("Ready"), _("Heard from Meta %(ago)s") % {"ago": wording.ago(facts.heard.webhook_heard_at)}
    row = facts.credentials
    if row is not None and row.webhook_verified_at:
        return "info", _("Waiting"), _("Meta knows the address; nothing was reported yet")
    return "todo", _("Not set up"), _("Give Meta an address for delivery reports and replies")


def _channel(facts: Facts) -> tuple[str, str, str]:
    row = facts.channel
    if row is None:
        return "todo", _("Not set up"), _("A sender made ready for a purpose: what a campaign chooses")
    tone = {"active": "ok", "failed": "bad", "processing": "info"}.get(row.status, "todo")
    return tone, str(row.status_state.label), row.name  # type: ignore[attr-defined]


def _template(facts: Facts) -> tuple[str, str, str]:
    row = facts.template
    if row is None:
        return "todo", _("None yet"), _("Outside the 24-hour window every message uses a template that Meta approved")
    tone = {"APPROVED": "ok", "PENDING": "info", "REJECTED": "bad", "DISABLED": "bad"}.get(row.status, "warn")
    text = _("%(name)s, in %(language)s") % {"name": row.template.name, "language": row.language}
    return tone, str(row.status_state.label), text  # type: ignore[attr-defined]


def _people(facts: Facts) -> tuple[str, str, str]:
    count = facts.consented_count
    if not count:
        return "todo", _("None yet"), _("People who agreed to marketing messages, with the proof")
    if count > COUNTED_AT_MOST:
        text = _("More than %(count)s people agreed to marketing messages") % {"count": wording.number(COUNTED_AT_MOST)}
        return "ok", _("Ready"), text
    text = ngettext(
        "%(count)s person agreed to marketing messages", "%(count)s people agreed to marketing messages", count
    ) % {"count": wording.number(count)}
    return "ok", _("Ready"), text


def _campaign(facts: Facts, readiness: Readiness) -> tuple[str, str, str]:
    row = facts.campaign
    if row is None:
        return "todo", _("None yet"), _("One message to one audience, now or at a time")
    word = CAMPAIGN[row.shown_status].label  # type: ignore[attr-defined]  # annotated: "completed" is computed
    return "ok" if readiness.campaign else "info", str(word), row.name


def path(membership: Membership, readiness: Readiness, facts: Facts) -> list[dict[str, Any]]:
    """The four stages for the kit's waymark flow; `share` is how far the current one has come. No query."""
    slug = membership.workspace.slug
    stages: tuple[tuple[str, str, str, tuple[bool, ...]], ...] = (
        (
            _("Get started"),
            _("Credentials, account, number"),
            "home:get_started",
            (readiness.credentials, readiness.account, readiness.number),
        ),
        (_("Configure"), _("Webhook and channel"), "accounts:channels", (readiness.webhook, readiness.channel)),
        (
            _("Create"),
            _("Template, people, campaign"),
            "campaigns:list",
            (readiness.template, readiness.people, facts.campaign is not None),
        ),
        (_("Check and send"), _("Preview, review, activate"), "campaigns:list", (readiness.campaign,)),
    )
    rows: list[dict[str, Any]] = []
    is_ahead = False
    for label, text, page, done in stages:
        state = "ahead" if is_ahead else "done" if all(done) else "current"
        is_ahead = is_ahead or state == "current"
        share = round(100 * sum(done) / len(done)) if state == "current" else 0
        rows.append({"label": label, "text": text, "url": link(page, slug), "state": state, "share": share})
    return rows
