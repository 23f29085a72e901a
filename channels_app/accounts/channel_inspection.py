"""Asks Meta about a channel configuration step by step and judges the answers. Reads only; the results are stored by
the checking actions.

Order matters twice: a later step builds on what an earlier one found, and people watch the steps go by.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.inspection import PERMISSIONS, Findings, error_facts, judge_expiry, read_token, says_nothing
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, ChannelVersion, PhoneNumber, Portfolio
from channels_app.accounts.purposes import fits
from channels_app.accounts.words import LIMITS
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import AddressRefused, CloudApiError
from channels_app.cloud_api.results import AppSubscription, Number, Waba
from console.kit.addresses import without_path

Subject = ChannelConfiguration | ChannelVersion
MILD_STANDINGS = ("violation", "disable_scheduled")  # it still sends
NAMES_GOOD = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")
NAMES_WAITING = ("PENDING_REVIEW", "NONE", "")
LOW_QUALITY = ("RED", "LOW")
HEALTH = {"AVAILABLE": "passed", "LIMITED": "warning", "BLOCKED": "failed"}
MOST_TEMPLATES = 500  # read to find one that fits the purpose


class NotReached(Exception):
    """Meta gave no answer, or asked to come back later: nothing was found out, so nothing has failed."""

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__(str(facts.get("kind")))
        self.facts = facts


@dataclass(frozen=True)
class Ours:
    """What Meta's webhook settings are compared with."""

    callback_url: str
    webhook_fields: Sequence[str]


@dataclass
class Probe:
    """One inspection on its way: what is asked about, what was found so far."""

    client: ManagementClient
    number: PhoneNumber
    purpose: str
    ours: Ours
    now: datetime
    findings: Findings = field(default_factory=Findings)
    subscription: AppSubscription | None = None
    is_over: bool = False  # the rest would only repeat what is wrong

    @property
    def credentials(self) -> ApiCredentials:
        return self.number.account.credentials

    def asked(self, code: str, call: Callable[[], Any]) -> Any:
        """The answer of a call, or None with a failed check `code`. Raises NotReached."""
        try:
            return call()
        except CloudApiError as error:
            if _is_passing(error):
                raise NotReached(error_facts(error)) from error
            self.findings.add(code, "failed", **error_facts(error))
            return None


def _is_passing(error: CloudApiError) -> bool:
    """A refused address stays refused until whoever runs the installation changes it: no use in trying again."""
    return says_nothing(error) and not isinstance(error, AddressRefused)


@dataclass(frozen=True)
class Step:
    """One thing that is asked: how progress calls it, and the codes of the checks it gives."""

    label: str | Promise
    codes: frozenset[str]
    run: Callable[[Probe], None]


def inspect_channel(
    client: ManagementClient,
    subject: Subject,
    now: datetime,
    *,
    ours: Ours,
    report: Callable[[Findings], None] | None = None,
) -> Findings:
    """All checks of a configuration or of a version of it, asked anew at Meta; eight calls and one query.

    `report` hears of the findings after every step. Raises NotReached when Meta gives no answer.
    """
    probe = Probe(client, subject.phone_number, subject.purpose, ours, now)
    for step in STEPS:
        step.run(probe)
        if report:
            report(probe.findings)
        if probe.is_over:
            break
    return probe.findings


def _token(probe: Probe) -> None:
    findings = probe.findings
    token = read_token(probe.client, probe.credentials, findings)
    if findings.unanswered and findings.unanswered.get("kind") != AddressRefused.__name__:
        raise NotReached(findings.unanswered)
    if token is None or not token.is_valid:
        probe.is_over = True
        return
    judge_expiry(findings, token.expires_at, probe.now)


def _permissions(probe: Probe) -> None:
    scopes = probe.findings.token.scopes if probe.findings.token else ()
    for permission in PERMISSIONS:
        probe.findings.judge("permission", permission in scopes, permission=permission)


def _number(probe: Probe) -> None:
    number = probe.asked("number_visible", lambda: probe.client.number(probe.number.phone_number_id))
    if number is None:
        return
    probe.findings.number = number
    probe.findings.add("number_visible", "passed")
    judge_number(probe.findings, number)
    is_low = number.quality_rating.upper() in LOW_QUALITY
    probe.findings.add("quality", "warning" if is_low else "passed", rating=number.quality_rating)


def judge_number(findings: Findings, number: Number) -> None:
    """What Meta's number node says of whether it can send; the setup doctor asks the same."""
    findings.judge("number_connected", number.status == "CONNECTED", status=number.status)
    good = "passed" if number.name_status in NAMES_GOOD else "failed"
    status = "warning" if number.name_status in NAMES_WAITING else good
    findings.add("name_approved", status, name_status=number.name_status, name=number.verified_name)


def _health(probe: Probe) -> None:
    """One check for each node that decides whether Meta lets a message through."""
    number = probe.findings.number
    told = number.facts.get("health_status") if number else None
    entities = told.get("entities") if isinstance(told, dict) else None
    for entity in entities if isinstance(entities, list) else ():
        if not isinstance(entity, dict):
            continue
        node, word = str(entity.get("entity_type") or "")[:24], str(entity.get("can_send_message") or "")
        if node == "PHONE_NUMBER" and number is not None and number.status != "CONNECTED":
            continue  # number_connected says it already
        probe.findings.add("health", HEALTH.get(word, "warning"), node=node, **_why_unwell(entity))


def _why_unwell(entity: dict[str, Any]) -> dict[str, Any]:
    errors = entity.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    notes = entity.get("additional_info")
    note = notes[0] if isinstance(notes, list) and notes else ""
    code = first.get("error_code")
    return {
        "code": code if isinstance(code, int) else None,
        "details": str(first.get("error_description") or note)[:200],
        "solution": str(first.get("possible_solution") or "")[:200],
    }


def _account(probe: Probe) -> None:
    account = probe.number.account
    waba = probe.asked("account_visible", lambda: probe.client.waba(account.waba_id))
    if waba is None:
        return
    probe.findings.waba = waba
    probe.findings.add("account_visible", "passed")
    judge_account(probe.findings, waba)
    status = standing_status(account.standing)
    probe.findings.add("account_standing", status, standing=account.standing, kept=account.standing_facts)


def standing_status(standing: str) -> str:
    """What an account's standing means for sending; the setup doctor asks the same."""
    return "passed" if not standing else "warning" if standing in MILD_STANDINGS else "failed"


def judge_account(findings: Findings, waba: Waba) -> None:
    """What Meta's account node says of review and payment; the setup doctor asks the same."""
    findings.judge("account_reviewed", waba.review_status == "APPROVED", review_status=waba.review_status)
    if waba.facts.get("primary_funding_id"):
        findings.add("payment_method", "passed")
    else:
        findings.add("payment_method", "warning")


def _webhook(probe: Probe) -> None:
    credentials, waba_id = probe.credentials, probe.number.account.waba_id
    apps = probe.asked("webhook_subscribed", lambda: probe.client.subscribed_apps(waba_id))
    if apps is None:
        return
    ours = next((app for app in apps if app.app_id == credentials.app_id), None)
    probe.findings.judge("webhook_subscribed", ours is not None)
    if ours is not None:
        found = probe.asked("webhook_address", lambda: probe.client.app_subscription(credentials.app_id))
        if found is not None:
            probe.subscription = found
            _judge_subscription(probe, found, ours.override_callback_url)
    probe.findings.judge("webhook_verified", credentials.webhook_verified_at is not None)


def _judge_subscription(probe: Probe, subscription: AppSubscription, account_override: str) -> None:
    """Messages go to the number's own address, else the account's, else the app's; everything else to the app's."""
    number = probe.findings.number
    told = number.facts.get("webhook_configuration") if number else None
    told = told if isinstance(told, dict) else {}
    address = str(told.get("phone_number") or account_override or subscription.callback_url)
    is_off = address == subscription.callback_url and not subscription.is_active
    facts = {"actual": without_path(address)[:200]} | ({"is_off": True} if is_off else {})
    probe.findings.judge("webhook_address", address == probe.ours.callback_url and not is_off, **facts)
    missing = [name for name in probe.ours.webhook_fields if name not in subscription.fields]
    status = "passed" if not missing else "failed" if "messages" in missing else "warning"
    probe.findings.add("webhook_fields", status, missing=missing)


def _templates(probe: Probe) -> None:
    account = probe.number.account

    def find() -> tuple[int, bool]:
        seen = 0
        rows = probe.client.templates(account.waba_id, fields="name,status,category")
        for row in islice(rows, MOST_TEMPLATES):
            seen += 1
            if row.get("status") == "APPROVED" and fits(probe.purpose, str(row.get("category") or "")):
                return seen, True
        return seen, False

    found = probe.asked("template_access", find)
    if found is None:
        return
    probe.findings.add("template_access", "passed")
    probe.findings.add("template_for_purpose", "passed" if found[1] else "warning", purpose=probe.purpose)


def _limit(probe: Probe) -> None:
    """How much of the portfolio's messaging limit is left; nothing where Meta has not told it. One query."""
    number = probe.findings.number
    limit = LIMITS.get(number.messaging_limit) if number else None
    if limit is None:
        return
    account = probe.number.account
    row = Portfolio.objects.filter(workspace_id=account.workspace_id, portfolio_id=account.portfolio_id).first()
    used = row.used_count if row is not None and row.used_count is not None else 0
    probe.findings.add("limit_left", "warning" if used >= limit else "passed", used=used, limit=limit)


STEPS = (
    Step(_("access token"), frozenset({"app_secret", "token_valid", "token_expiry", "meta_reachable"}), _token),
    Step(_("permissions"), frozenset({"permission"}), _permissions),
    Step(_("phone number"), frozenset({"number_visible", "number_connected", "name_approved", "quality"}), _number),
    Step(_("health"), frozenset({"health"}), _health),
    Step(
        _("account"),
        frozenset({"account_visible", "account_reviewed", "payment_method", "account_standing"}),
        _account,
    ),
    Step(
        _("webhook"),
        frozenset({"webhook_subscribed", "webhook_address", "webhook_fields", "webhook_verified"}),
        _webhook,
    ),
    Step(_("template access"), frozenset({"template_access", "template_for_purpose"}), _templates),
    Step(_("messaging limit"), frozenset({"limit_left"}), _limit),
)
