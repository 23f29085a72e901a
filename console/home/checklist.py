"""The checklist of Get started and the four-step path, built from rows: never ticked by hand."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.states import CAMPAIGN
from channels_app.accounts import number_words
from channels_app.accounts.channel_inspection import MILD_STANDINGS, NAMES_GOOD, NAMES_WAITING
from console.home.links import link
from console.home.navigation import NUMBER_STATUS
from console.home.queries import COUNTED_AT_MOST, EXPIRES_SOON, PREREQUISITES, Facts, Readiness
from console.kit import clock, wording
from console.workspaces import roles
from console.workspaces.models import Membership, PolicyAcceptance
from console.workspaces.policies import POLICIES

Item = dict[str, Any]

# line -> page once it is done, page while it is open, capability for that, its words
ACTIONS: dict[str, tuple[str, str, str, Promise]] = {
    "credentials": ("accounts:accounts", "accounts:new", "accounts.manage", gettext_lazy("Add credentials")),
    "portfolio": ("accounts:accounts", "accounts:senders", "accounts.manage", gettext_lazy("Choose account")),
    "account": ("accounts:accounts", "accounts:senders", "accounts.manage", gettext_lazy("Choose account")),
    "number": ("accounts:accounts", "accounts:senders", "accounts.manage", gettext_lazy("Choose number")),
    "webhook": ("webhooks:list", "accounts:webhook", "accounts.manage", gettext_lazy("Set up webhook")),
    "channel": ("accounts:channels", "accounts:new_channel", "accounts.manage", gettext_lazy("Create channel")),
    "template": ("message_templates:list", "message_templates:list", "templates.view", gettext_lazy("View templates")),
    "people": ("audiences:profiles", "audiences:import_new", "profiles.import", gettext_lazy("Import people")),
    "campaign": ("campaigns:list", "campaigns:create", "campaigns.edit", gettext_lazy("Create campaign")),
}
OF_CREDENTIALS = frozenset({"accounts:senders", "accounts:webhook"})  # pages that belong to one set of credentials


def checklist(membership: Membership, readiness: Readiness, facts: Facts) -> tuple[list[Item], list[Item]]:
    """(prerequisites, what comes after them): one item per line for the kit's checklist.

    The first open line of all that this person can act on is next. No query.
    """
    described = {
        "credentials": (_("Access token"), *_credentials(facts)),
        "portfolio": (_("Meta business portfolio"), *_portfolio(facts)),
        "account": (_("WhatsApp Business Account"), *_account(facts)),
        "number": (_("Phone number"), *_number(facts)),
        "template": (_("Approved template"), *_template(facts)),
        "webhook": (_("Webhook"), *_webhook(facts)),
        "channel": (_("Channel configuration"), *_channel(facts)),
        "people": (_("People who agreed"), *_people(facts)),
        "campaign": (_("First campaign"), *_campaign(facts, readiness)),
    }
    next_line = _next(membership, readiness, facts, described)
    rows = {
        line: {
            "title": title,
            "tone": tone,
            "word": word,
            "text": text,
            "action": _action(membership, line, facts, is_done=getattr(readiness, line)),
            "is_next": line == next_line,
        }
        for line, (title, tone, word, text) in described.items()
    }
    return [rows.pop(line) for line in PREREQUISITES], list(rows.values())


def _next(membership: Membership, readiness: Readiness, facts: Facts, described: Mapping[str, Any]) -> str:
    """The first line in the order of the path that is open, waits for nobody else, and is this person's to do."""
    for line in (
        "credentials",
        "portfolio",
        "account",
        "number",
        "webhook",
        "channel",
        "template",
        "people",
        "campaign",
    ):
        tone = described[line][1]
        if not getattr(readiness, line) and tone != "info" and _action(membership, line, facts, is_done=False):
            return line
    return ""


def _action(membership: Membership, line: str, facts: Facts, *, is_done: bool) -> dict[str, Any] | None:
    done_page, open_page, capability, words = ACTIONS[line]
    slug = membership.workspace.slug
    if is_done:
        url = link(done_page, slug)
        return {"label": _("View"), "url": url} if url else None
    if not roles.can(membership.role, capability):
        return None
    if line == "credentials" and facts.credentials is not None:
        return {"label": _("Renew token"), "url": link("accounts:access", slug, pk=facts.credentials.pk)}
    if line == "webhook" and facts.credentials is not None and facts.credentials.webhook_verified_at:
        return {"label": _("Open webhook"), "url": link("accounts:webhook", slug, pk=facts.credentials.pk)}
    if line == "account" and facts.account is not None:
        return {"label": _("See what to do"), "url": link("accounts:senders", slug, pk=facts.account.credentials_id)}
    if line == "number" and facts.number is not None and facts.number.is_sender:
        return {"label": _("See what to do"), "url": link("accounts:number", slug, pk=facts.number.pk)}
    if open_page not in OF_CREDENTIALS:
        url = link(open_page, slug)
    else:
        url = link(open_page, slug, pk=facts.credentials.pk) if facts.credentials else ""
    return {"label": words, "url": url} if url else None


def _credentials(facts: Facts) -> tuple[str, str, str]:
    row = facts.credentials
    if row is None:
        return "todo", _("Not set up"), _("An app of yours at Meta and a token that may send and manage messages")
    if row.status == "unchecked":
        return "info", _("Not checked yet"), _("%(name)s is waiting for its first check") % {"name": row.name}
    if row.status != "valid":
        text = _("%(name)s: open it to see which check failed") % {"name": row.name}
        return "bad", str(row.status_state.label), text  # type: ignore[attr-defined]
    if row.token_expires_at is None:
        return "ok", _("Working"), _("%(name)s, the token does not expire") % {"name": row.name}
    day = formats.date_format(row.token_expires_at, "DATE_FORMAT")
    left = row.token_expires_at - clock.now()
    if left.total_seconds() <= 0:
        return "bad", _("Expired"), _("The token expired on %(day)s. Nothing can be sent") % {"day": day}
    if left > EXPIRES_SOON:
        return "ok", _("Working"), _("%(name)s, the token is good until %(day)s") % {"name": row.name, "day": day}
    text = ngettext(
        "Works now, but expires in %(days)d day, on %(day)s",
        "Works now, but expires in %(days)d days, on %(day)s",
        left.days,
    )
    return "warn", _("Expires soon"), text % {"days": max(left.days, 0), "day": day}


def _portfolio(facts: Facts) -> tuple[str, str, str]:
    if facts.account is None or not facts.account.portfolio_id:
        return "todo", _("Not known yet"), _("Your business at Meta. It owns the accounts and the messaging limit")
    row = facts.portfolio
    words = {"id": facts.account.portfolio_id, "name": row.name if row else ""}
    if row is None or not row.name:
        return "ok", _("Ready"), _("Portfolio %(id)s") % words
    if row.verification_status == "verified":
        return "ok", _("Ready"), _("%(name)s, portfolio %(id)s, business verified") % words
    if row.verification_status:
        text = _("%(name)s, portfolio %(id)s. The business isn’t verified: Meta keeps its messaging limit low")
        return "ok", _("Ready"), text % words
    return "ok", _("Ready"), _("%(name)s, portfolio %(id)s") % words


def _account(facts: Facts) -> tuple[str, str, str]:
    row = facts.account
    if row is None:
        return "todo", _("Not set up"), _("The business account at Meta that owns your numbers and templates")
    words = {"name": row.name or row.waba_id, "id": row.waba_id, "currency": row.currency}
    if row.review_status == "PENDING":
        return "info", _("Under review"), _("%(name)s: Meta is still reviewing this account") % words
    if row.review_status != "APPROVED":
        return "bad", _("Review not passed"), _("%(name)s: follow the review in Meta Business Suite") % words
    if row.standing and row.standing not in MILD_STANDINGS:
        label = str(number_words.STANDINGS[row.standing][0]) if row.standing in number_words.STANDINGS else row.standing
        return "bad", label, number_words.standing_text(row.standing, row.standing_facts)
    if row.health_word == "BLOCKED":
        return "bad", _("Blocked by Meta"), _("%(name)s: Meta lets nothing through. Setup doctor says why") % words
    if row.standing:
        label = str(number_words.STANDINGS[row.standing][0])
        return "warn", label, number_words.standing_text(row.standing, row.standing_facts)
    if row.has_payment_method is False:
        text = _("%(name)s: without a payment method at Meta, paid messages are not sent")
        return "warn", _("No payment method"), text % words
    if row.currency:
        return "ok", _("Ready"), _("%(name)s, account %(id)s, billed in %(currency)s") % words
    return "ok", _("Ready"), _("%(name)s, account %(id)s") % words


def _number(facts: Facts) -> tuple[str, str, str]:
    row = facts.number
    if row is None:
        return "todo", _("Not set up"), _("The sender people see")
    if not row.is_sender:
        text = _("%(number)s is connected, but not chosen as a sender") % {"number": row.display_number}
        return "todo", _("No sender"), text
    if row.can_send and row.name_status not in (*NAMES_GOOD, *NAMES_WAITING):
        words = {"number": row.display_number, "name": row.verified_name}
        text = _("%(number)s: Meta did not approve the display name “%(name)s”. Correct it in WhatsApp Manager")
        return "bad", _("Name not approved"), text % words
    if row.can_send and row.health_word == "BLOCKED":
        text = _("%(number)s: Meta lets nothing through. Open the number to see why")
        return "bad", _("Blocked by Meta"), text % {"number": row.display_number}
    if row.can_send:
        text = _("%(number)s, display name “%(name)s”") % {"number": row.display_number, "name": row.verified_name}
        return "ok", _("Ready"), text if row.verified_name else row.display_number
    word = NUMBER_STATUS.get(row.status, _("Status unknown"))
    return "bad", _("Can’t send"), _("%(number)s: %(status)s") % {"number": row.display_number, "status": word}


def _webhook(facts: Facts) -> tuple[str, str, str]:
    if facts.heard is not None:
        at = facts.heard.account.credentials.webhook_heard_at
        if at is None:
            return "ok", _("Ready"), _("Meta posts here; its first event comes with the first message")
        return "ok", _("Ready"), _("Heard from Meta %(ago)s") % {"ago": wording.ago(at)}
    row = facts.credentials
    if row is None or row.webhook_verified_at is None:
        return "todo", _("Not set up"), _("Give Meta an address for delivery reports and replies")
    return "bad", _("Not working"), _("Meta does not report what became of messages. Open the webhook to see why")


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
            _("Prerequisites and policies"),
            "home:get_started",
            (readiness.policies, readiness.credentials, readiness.portfolio, readiness.account, readiness.number),
        ),
        (
            _("Configure"),
            _("Meta account, sender, webhook, channel"),
            "accounts:channels",
            (readiness.webhook, readiness.channel),
        ),
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


def policies(acceptances: Mapping[str, PolicyAcceptance]) -> list[dict[str, Any]]:
    """Every policy with its acceptance, or None. No query beside the one that gave the acceptances."""
    return [{"policy": policy, "acceptance": acceptances.get(policy.code)} for policy in POLICIES]
