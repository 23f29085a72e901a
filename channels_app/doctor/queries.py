"""Reads of examinations."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet

from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
from channels_app.doctor.models import Examination
from console.workspaces.models import Workspace

KEPT = 30
IN_USE = ("active", "processing", "failed")  # states of a configuration that somebody wants to send with


def newest(workspace: Workspace) -> Examination | None:
    """The last one asked for, done or not. One query."""
    return _all(workspace).first()


def newest_done(workspace: Workspace) -> Examination | None:
    return _all(workspace).filter(status="done").first()


def before(examination: Examination) -> Examination | None:
    """The last finished one before it: what is new is judged against that. One query."""
    return _all(examination.workspace_id).filter(status="done", pk__lt=examination.pk).first()


def history(workspace: Workspace) -> QuerySet[Examination]:
    """The finished ones without their results, newest first; 30 are kept."""
    return _all(workspace).filter(status="done").defer("results")[:KEPT]


def _all(workspace: Workspace | int) -> QuerySet[Examination]:
    return Examination.objects.filter(workspace=workspace).select_related("requested_by").order_by("-pk")


def last_daily() -> dict[int, datetime | None]:
    """{workspace with credentials: when its last daily examination was asked for}. Two queries."""
    ids = ApiCredentials.objects.order_by("workspace").values_list("workspace", flat=True).distinct()
    daily = Examination.objects.filter(workspace__in=ids, trigger=Examination.Trigger.DAILY).order_by()
    known: dict[int, Any] = dict(daily.values_list("workspace").annotate(last=Max("requested_at")))
    return {pk: known.get(pk) for pk in ids}


def senders(account: WhatsAppAccount) -> QuerySet[PhoneNumber]:
    """The chosen numbers of an account, each with `is_used`: whether a channel configuration sends with it. One query."""
    using = ChannelConfiguration.objects.filter(phone_number=OuterRef("pk"), status__in=IN_USE)
    rows = PhoneNumber.objects.filter(account=account, is_sender=True).annotate(is_used=Exists(using))
    return rows.order_by("verified_name", "pk")
