"""The way back: where Meta posts to, whether it arrives, and what waits there."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.db.models import Sum
from django.db.models.functions import Coalesce

from channels_app.accounts import queries as accounts
from channels_app.accounts.models import PhoneNumber
from channels_app.accounts.subscription_actions import WEBHOOK_FIELDS
from channels_app.doctor.case import Case
from channels_app.doctor.registry import (
    Group,
    Scope,
    Turn,
    Verdict,
    check,
    failed,
    passed,
    warning,
)
from channels_app.webhooks.models import QuarantinedItem, Refusal, SelfTest, WebhookBody
from console.alerts.models import Alert

OVERRIDES = ("override_callback_url", "account__override_callback_url")
WAITING_AFTER = timedelta(minutes=2)
SELF_TEST_AGE = timedelta(days=30)
COUNTED_AT_MOST = 1000
NAMED_AT_MOST = 5
UNKNOWN_NUMBER = "unknown_number"
SILENCE = "webhooks.silence"  # its key is the number


@check(
    "app_subscription",
    group=Group.WEBHOOK,
    scope=Scope.CREDENTIALS,
    fix="webhook",
    needs=("app_secret", "account_connected"),
)
def app_subscription(case: Case) -> Verdict:
    """Where the app's events go; an address of others is no failure where overrides lead all messages here."""
    found = case.client.app_subscription(case.credentials.app_id)
    if not found.callback_url:
        return failed("none")
    if found.callback_url != accounts.callback_url(case.credentials):
        judge = warning if _all_overridden(case) else failed
        return judge("elsewhere", host=_host(found.callback_url))
    return passed() if found.is_active else failed("inactive")


def _all_overridden(case: Case) -> bool:
    ours = accounts.callback_url(case.credentials)
    senders = PhoneNumber.objects.filter(account__credentials=case.credentials, is_sender=True)
    urls = [own or of_account for own, of_account in senders.values_list(*OVERRIDES)]
    return bool(urls) and all(url == ours for url in urls)


def _host(url: str) -> str:
    """Only the host of an address: its path may be somebody's key."""
    return (urlsplit(url).hostname or "?")[:100]


@check("webhook_fields", group=Group.WEBHOOK, scope=Scope.CREDENTIALS, fix="webhook", needs=("app_subscription",))
def webhook_fields(case: Case) -> Verdict:
    known = case.client.app_subscription(case.credentials.app_id).fields
    missing = [name for name in WEBHOOK_FIELDS if name not in known]
    if "messages" in missing:
        return failed("no_messages", count=len(missing), names=missing)
    return warning("missing", count=len(missing), names=missing) if missing else passed(count=len(known))


@check("webhook_subscribed", group=Group.WEBHOOK, scope=Scope.ACCOUNT, fix="webhook", needs=("account_visible",))
def webhook_subscribed(case: Case) -> Verdict:
    apps = case.client.subscribed_apps(case.account.waba_id)
    if any(app.app_id == case.credentials.app_id for app in apps):
        return passed(apps=[app.app_id for app in apps])
    return Verdict("failed", {"apps": [app.app_id for app in apps]})


@check("webhook_override", group=Group.WEBHOOK, scope=Scope.ACCOUNT, fix="webhook", needs=("webhook_subscribed",))
def webhook_override(case: Case) -> Verdict:
    """Messages of an account or a number that Meta posts somewhere else; phone > WABA > app."""
    ours = accounts.callback_url(case.credentials)
    found: dict[str, str] = {}
    for app in case.client.subscribed_apps(case.account.waba_id):
        if app.app_id == case.credentials.app_id and app.override_callback_url not in ("", ours):
            found[case.account.waba_id] = _host(app.override_callback_url)
    for number in case.client.phone_numbers(case.account.waba_id):
        configuration = number.facts.get("webhook_configuration")
        url = configuration.get("phone_number") if isinstance(configuration, dict) else ""
        if isinstance(url, str) and url not in ("", ours):
            found[number.display_number or number.id] = _host(url)
    if not found:
        return passed()
    return failed("elsewhere", names=list(found)[:NAMED_AT_MOST], hosts=sorted(set(found.values()))[:NAMED_AT_MOST])


@check("webhook_verified", group=Group.WEBHOOK, scope=Scope.CREDENTIALS, fix="webhook", needs=("account_connected",))
def webhook_verified(case: Case) -> Verdict:
    at = case.credentials.webhook_verified_at
    return passed(verified_at=at.isoformat()) if at else Verdict("failed")


@check("webhook_heard", group=Group.WEBHOOK, scope=Scope.CREDENTIALS, fix="watch", needs=("webhook_verified",))
def webhook_heard(case: Case) -> Verdict:
    at = case.credentials.webhook_heard_at
    return passed(heard_at=at.isoformat()) if at else warning("never")


@check("webhook_silence", group=Group.WEBHOOK, scope=Scope.NUMBER, fix="watch", needs=("webhook_verified",))
def webhook_silence(case: Case) -> Verdict:
    """Whether the silence detector waits for statuses of messages that Meta accepted."""
    rows = Alert.objects.filter(workspace=case.workspace, kind=SILENCE, key=str(case.number.pk))
    alert = rows.filter(resolved_at__isnull=True).only("raised_at").first()
    return failed("silent", silent_at=alert.raised_at.isoformat()) if alert else passed()


@check("webhook_refused", group=Group.WEBHOOK, scope=Scope.CREDENTIALS, fix="watch")
def webhook_refused(case: Case) -> Verdict:
    """Calls to our address that were not Meta's, or not signed with today's app secret."""
    since = (case.now - timedelta(days=1)).date()
    rows = Refusal.objects.filter(credentials=case.credentials, refused_on__gte=since)
    counts = dict(rows.values_list("reason").annotate(n=Coalesce(Sum("count"), 0)).order_by())
    if not counts:
        return passed()
    return warning("some", count=sum(counts.values()), reasons=counts, since=since.isoformat())


@check("self_test", group=Group.WEBHOOK, scope=Scope.CREDENTIALS, fix="self_test", needs=("webhook_verified",))
def self_test(case: Case) -> Verdict:
    rows = SelfTest.objects.filter(credentials=case.credentials).exclude(status="running").order_by("-id")
    last = rows.only("status", "started_at", "finished_at").first()
    if last is None:
        return warning("never")
    facts = {"tested_at": (last.finished_at or last.started_at).isoformat()}
    if last.status != "passed":
        return failed("failed", **facts)
    return warning("old", **facts) if last.started_at < case.now - SELF_TEST_AGE else passed(**facts)


# --- the vault of the workspace ----------------------------------------------------------------------------------
@check(
    "webhook_waiting",
    group=Group.WEBHOOK,
    scope=Scope.WORKSPACE,
    turn=Turn.OPERATOR,
    fix="webhooks",
    needs=("database",),
)
def webhook_waiting(case: Case) -> Verdict:
    rows = WebhookBody.objects.filter(
        workspace=case.workspace, status="stored", received_at__lt=case.now - WAITING_AFTER
    )
    count = rows.values("pk")[:COUNTED_AT_MOST].count()
    return failed("waiting", count=count) if count else passed()


@check("webhook_quarantine", group=Group.WEBHOOK, scope=Scope.WORKSPACE, fix="webhooks", needs=("database",))
def webhook_quarantine(case: Case) -> Verdict:
    rows = QuarantinedItem.objects.filter(body__workspace=case.workspace, resolved_at__isnull=True)
    count = rows.exclude(code=UNKNOWN_NUMBER).values("pk")[:COUNTED_AT_MOST].count()
    return warning("some", count=count) if count else passed()


@check("unknown_numbers", group=Group.WEBHOOK, scope=Scope.WORKSPACE, fix="accounts", needs=("database",))
def unknown_numbers(case: Case) -> Verdict:
    """Events of numbers that are not connected here: kept, and applied once they are."""
    rows = QuarantinedItem.objects.filter(body__workspace=case.workspace, resolved_at__isnull=True, code=UNKNOWN_NUMBER)
    ids = list(rows.values_list("phone_number_id", flat=True).distinct()[:NAMED_AT_MOST])
    return warning("some", count=len(ids), names=ids) if ids else passed()
