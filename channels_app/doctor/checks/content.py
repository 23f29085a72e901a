"""Templates, channel configurations, and what else has to be there before a campaign can go out."""

from datetime import timedelta

from django.db.models import Count

from channels_app.accounts.models import ChannelConfiguration
from channels_app.doctor.case import Case
from channels_app.doctor.registry import Group, Scope, Verdict, check, failed, passed, warning
from channels_app.message_templates.models import TemplateSync, TemplateTranslation
from console.alerts import hearing
from console.alerts.kinds import KINDS
from console.alerts.models import Delivery, Endpoint, Subscription
from console.audiences.models import Consent, Profile
from console.workspaces.models import Membership
from console.workspaces.policies import open_policies

SYNC_AGE = timedelta(hours=3)  # it is read every hour
NAMED_AT_MOST = 5
STOPPED = ("PAUSED", "DISABLED")


@check("templates_readable", group=Group.CONTENT, scope=Scope.ACCOUNT, fix="templates", needs=("account_visible",))
def templates_readable(case: Case) -> Verdict:
    """One page of Meta's list: whether this token may read it."""
    first = next(case.client.templates(case.account.waba_id, fields="id,status"), None)
    return passed(has_any=first is not None)


@check("templates_synced", group=Group.CONTENT, scope=Scope.ACCOUNT, fix="templates")
def templates_synced(case: Case) -> Verdict:
    sync = TemplateSync.objects.filter(account=case.account).only("status", "finished_at").first()
    at = case.account.templates_synced_at
    facts = {"synced_at": at.isoformat()} if at else {}
    if sync is not None and sync.status == "failed":
        return failed("failed", **facts)
    if at is None:
        return warning("never")
    return warning("late", **facts) if at < case.now - SYNC_AGE else passed(**facts)


@check("templates_approved", group=Group.CONTENT, scope=Scope.ACCOUNT, fix="templates")
def templates_approved(case: Case) -> Verdict:
    rows = TemplateTranslation.objects.filter(template__account=case.account)
    counts = dict(rows.values_list("status").annotate(n=Count("id")).order_by())
    approved = counts.get("APPROVED", 0)
    return passed(count=approved, statuses=counts) if approved else warning("none", statuses=counts)


@check("templates_stopped", group=Group.CONTENT, scope=Scope.ACCOUNT, fix="templates")
def templates_stopped(case: Case) -> Verdict:
    """Templates that Meta paused or disabled for their quality: nothing leaves with them."""
    rows = TemplateTranslation.objects.filter(template__account=case.account, status__in=STOPPED)
    names = list(rows.order_by("template__name").values_list("template__name", flat=True).distinct())
    return warning("some", count=len(names), names=names[:NAMED_AT_MOST]) if names else passed()


@check("channel_active", group=Group.CONTENT, scope=Scope.WORKSPACE, fix="channels", needs=("credentials",))
def channel_active(case: Case) -> Verdict:
    rows = list(ChannelConfiguration.objects.filter(workspace=case.workspace).values_list("name", "status"))
    names = [name for name, status in rows if status == "failed"]
    active = sum(status == "active" for _name, status in rows)
    if names:
        return failed("failed", count=len(names), names=names[:NAMED_AT_MOST])
    return passed(count=active) if active else warning("none")


@check("policies_accepted", group=Group.CONTENT, scope=Scope.WORKSPACE, fix="get_started", needs=("database",))
def policies_accepted(case: Case) -> Verdict:
    missing = open_policies(case.workspace)
    return warning("open", count=len(missing), names=[policy.code for policy in missing]) if missing else passed()


@check("people_consented", group=Group.CONTENT, scope=Scope.WORKSPACE, fix="import", needs=("database",))
def people_consented(case: Case) -> Verdict:
    has_any = Profile.objects.filter(workspace=case.workspace, marketing_consent=Consent.GRANTED).exists()
    return passed() if has_any else warning("none")


@check("alerts_reach", group=Group.CONTENT, scope=Scope.WORKSPACE, fix="alerts", needs=("database",))
def alerts_reach(case: Case) -> Verdict:
    """Whether somebody hears of every kind of trouble, and whether outgoing webhooks arrive. Four queries."""
    kinds = [kind for kind in KINDS.values() if kind.tone == hearing.URGENT]
    chosen: dict[int, list[Subscription]] = {}
    for row in Subscription.objects.filter(workspace=case.workspace):
        chosen.setdefault(row.user_id, []).append(row)
    heard: set[str] = set()
    members = Membership.objects.filter(workspace=case.workspace, user__is_active=True)
    for user_id, role in members.values_list("user_id", "role"):
        for name, choice in hearing.choices_of(role, kinds, chosen.get(user_id, [])).items():
            if choice.in_app or choice.wants_email(hearing.URGENT):
                heard.add(name)
    endpoints = Endpoint.objects.filter(workspace=case.workspace, is_on=True)
    for names in endpoints.values_list("kinds", flat=True):
        heard.update(names or KINDS)
    unheard = [kind.name for kind in kinds if kind.name not in heard]
    if unheard:
        return warning("unheard", count=len(unheard), names=unheard[:NAMED_AT_MOST])
    since = case.now - timedelta(days=1)
    failing = Delivery.objects.filter(endpoint__in=endpoints, status="failed", created_at__gte=since)
    failed_names = sorted(set(failing.values_list("endpoint__name", flat=True)))
    if failed_names:
        return warning("endpoint", fix="endpoints", count=len(failed_names), names=failed_names[:NAMED_AT_MOST])
    return passed(count=len(kinds))
