"""The silence detector: Meta accepts messages and tells nothing, or its calls are refused. Raises and ends alerts."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, Q
from django.db.models.functions import Coalesce

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery.models import Message
from channels_app.webhooks.models import QuarantinedItem, Refusal, WebhookBody
from console.alerts.actions import raise_alert, resolve_alert
from console.alerts.models import Alert
from console.kit import clock
from console.workspaces.models import Workspace

SILENCE, REFUSED, UNKNOWN = "webhooks.silence", "webhooks.refused", "webhooks.unknown_number"
LOOK_BACK = timedelta(days=7)  # Meta repeats a webhook for as long; what is older says nothing about today
HEARD_LAG = timedelta(minutes=1)  # the clocks of what was heard are written once a minute
REFUSALS_IN_A_ROW = 3
REFUSALS_FRESH = timedelta(days=1)
MOST_UNKNOWN = 20  # alerts of one workspace: whoever signs bodies can make up as many ids as they like
SIGNED_WRONG = (Refusal.Reason.WRONG, Refusal.Reason.STALE, Refusal.Reason.MISSING)


def watch_silence(now: datetime | None = None) -> int:
    """Raises an alert for every number that Meta accepts messages of and tells nothing about; ends the others.

    Gives how many alarms stand. Bodies that wait for our own worker may tell of it, so none is raised while they do; they
    end none either. One query over the index of accepted messages and one for the open alerts while all is well.
    """
    now = now or clock.now()
    silent = {row["phone_number"]: row for row in _unheard(now)}
    standing = _resolve(SILENCE, {str(pk) for pk in silent})
    numbers = PhoneNumber.objects.filter(pk__in=silent).select_related("workspace", "account__credentials")
    behind = _credentials_behind() if silent else set()
    alarms = 0
    for number in numbers:
        if number.account.credentials_id in behind and str(number.pk) not in standing:
            continue
        row = silent[number.pk]
        facts = {
            "number": number.display_number,
            "count": row["count"],
            "since": row["since"].isoformat(),
            "minutes": number.account.credentials.silence_minutes,
            "credentials_id": number.account.credentials_id,
        }
        with transaction.atomic():
            raise_alert(number.workspace, SILENCE, key=str(number.pk), subject=number.display_number, facts=facts)
        alarms += 1
    return alarms


def _credentials_behind() -> set[int]:
    """Credentials with bodies that wait for our own worker."""
    waiting = WebhookBody.objects.filter(status="stored").order_by()
    return set(waiting.values_list("credentials", flat=True).distinct())


def _unheard(now: datetime) -> list[dict[str, Any]]:
    """Numbers with messages accepted longer ago than their credentials allow, after the last event of their account."""
    limit = Q()
    for minutes in _limits():
        late = now - timedelta(minutes=minutes)
        limit |= Q(phone_number__account__credentials__silence_minutes=minutes, accepted_at__lt=late)
    if not limit:
        return []
    heard_at = Coalesce(F("phone_number__account__heard_at"), F("phone_number__account__created_at"))
    found = (
        Message.objects.filter(limit, status="accepted", accepted_at__gt=now - LOOK_BACK)
        .filter(accepted_at__gt=heard_at)
        .values("phone_number")
        .annotate(count=Count("pk"), since=Min("accepted_at"))
        .order_by("phone_number")
    )
    return [dict(row) for row in found]


def _limits() -> list[int]:
    accounts = PhoneNumber.objects.order_by().values_list("account__credentials__silence_minutes", flat=True)
    return sorted(set(accounts.distinct()))


def _resolve(kind: str, still: set[str]) -> set[str]:
    """Ends the open alerts of a kind whose key is not among `still`; gives the keys of those that stand."""
    standing = set()
    for alert in Alert.objects.filter(kind=kind, resolved_at__isnull=True).select_related("workspace"):
        if alert.key in still:
            standing.add(alert.key)
            continue
        with transaction.atomic():
            resolve_alert(alert.workspace, kind, key=alert.key)
    return standing


def watch_refusals(now: datetime | None = None) -> int:
    """Raises an alert where calls are refused for their signature and none was accepted since; ends the others.

    One call signed with a former secret is enough: nobody but Meta has it.
    """
    now = now or clock.now()
    rows = Refusal.objects.filter(
        last_at__gte=now - REFUSALS_FRESH, reason__in=SIGNED_WRONG, credentials__workspace__isnull=False
    ).select_related("credentials__workspace")
    found: dict[int, list[Refusal]] = defaultdict(list)
    for row in rows:
        heard_at = row.credentials.webhook_heard_at
        if heard_at is None or (row.last_at and row.last_at > heard_at + HEARD_LAG):
            found[row.credentials_id].append(row)
    alarmed = set()
    for credentials_id, refusals in found.items():
        is_stale = any(row.reason == Refusal.Reason.STALE for row in refusals)
        count = sum(row.count for row in refusals)
        if is_stale or count >= REFUSALS_IN_A_ROW:
            credentials = refusals[0].credentials
            facts = {"name": credentials.name, "count": count, "is_stale": is_stale, "credentials_id": credentials_id}
            with transaction.atomic():
                raise_alert(
                    credentials.workspace, REFUSED, key=str(credentials_id), subject=credentials.name, facts=facts
                )
            alarmed.add(str(credentials_id))
    _resolve(REFUSED, alarmed)
    return len(alarmed)


def watch_unknown_numbers() -> int:
    """Raises an alert for each number id that events came for and that is not connected here; ends the others.

    At most MOST_UNKNOWN stand in a workspace; the vault's page counts what waits for the rest.
    """
    rows = (
        QuarantinedItem.objects.filter(code="unknown_number", resolved_at__isnull=True)
        .values("body__workspace", "body__credentials", "phone_number_id")
        .annotate(count=Count("pk"))
        .order_by("body__workspace", "phone_number_id")
    )
    found = {(row["body__workspace"], row["phone_number_id"]): row for row in rows}
    standing = _resolve_unknown(set(found))
    counts = Counter(workspace_id for workspace_id, _id in standing)
    workspaces = Workspace.objects.in_bulk({workspace_id for workspace_id, _id in found})
    for (workspace_id, phone_number_id), row in found.items():
        if (workspace_id, phone_number_id) not in standing:
            if counts[workspace_id] >= MOST_UNKNOWN:
                continue
            counts[workspace_id] += 1
        facts = {
            "phone_number_id": phone_number_id,
            "count": row["count"],
            "credentials_id": row["body__credentials"],
        }
        with transaction.atomic():
            raise_alert(workspaces[workspace_id], UNKNOWN, key=phone_number_id, subject=phone_number_id, facts=facts)
    return len(found)


def _resolve_unknown(still: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Ends the open alerts of numbers that nothing waits for; gives (workspace, number id) of those that stand."""
    standing = set()
    for alert in Alert.objects.filter(kind=UNKNOWN, resolved_at__isnull=True).select_related("workspace"):
        if (alert.workspace_id, alert.key) in still:
            standing.add((alert.workspace_id, alert.key))
            continue
        with transaction.atomic():
            resolve_alert(alert.workspace, UNKNOWN, key=alert.key)
    return standing
