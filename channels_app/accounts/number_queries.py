"""Reads of the pages about numbers."""

from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from channels_app.accounts.models import ChannelConfiguration, FactChange, PhoneNumber, Portfolio
from console.workspaces.models import Workspace

HISTORY = timedelta(days=90)
CHANGES_SHOWN = 30
IS_FINE = Q(status="CONNECTED")
IS_TROUBLED = ~Q(status="CONNECTED") | Q(quality_rating="RED") | Q(health_word="BLOCKED")


def numbers_with_usage(workspace: Workspace) -> QuerySet[PhoneNumber]:
    """Numbers with their account and their portfolio's `used_count` and `used_at`. One query."""
    mine = Portfolio.objects.filter(workspace=workspace, portfolio_id=OuterRef("account__portfolio_id"))
    return (
        PhoneNumber.objects.filter(workspace=workspace)
        .select_related("account")
        .annotate(used_count=Subquery(mine.values("used_count")[:1]), used_at=Subquery(mine.values("used_at")[:1]))
    )


def number_counts(workspace: Workspace) -> dict[str, int]:
    """{tab: how many}; one query."""
    counts = PhoneNumber.objects.filter(workspace=workspace).aggregate(
        all=Count("pk"), connected=Count("pk", filter=IS_FINE), troubled=Count("pk", filter=IS_TROUBLED)
    )
    return {"": counts["all"], "connected": counts["connected"], "troubled": counts["troubled"]}


def portfolio_of(number: PhoneNumber) -> Portfolio | None:
    """The portfolio of a number's account as this workspace sees it. One query, none without an id."""
    if not number.account.portfolio_id:
        return None
    rows = Portfolio.objects.filter(workspace=number.workspace_id, portfolio_id=number.account.portfolio_id)
    return rows.first()


def _about(number: PhoneNumber, portfolio: Portfolio | None) -> Q:
    about = Q(phone_number=number) | Q(account=number.account_id)
    return about | Q(portfolio=portfolio) if portfolio else about


def changes(number: PhoneNumber, portfolio: Portfolio | None) -> list[FactChange]:
    """What changed about a number, its account and its portfolio since the first reading, newest first. One query."""
    rows = FactChange.objects.filter(_about(number, portfolio), workspace=number.workspace_id)
    rows = rows.exclude(source=FactChange.Source.FIRST)
    return list(rows.order_by("-at", "-id")[:CHANGES_SHOWN])


def history(number: PhoneNumber, portfolio: Portfolio | None, fact: str, now: datetime) -> list[FactChange]:
    """The changes of one fact in the time the charts show, oldest first. One query."""
    rows = FactChange.objects.filter(
        _about(number, portfolio), workspace=number.workspace_id, fact=fact, at__gt=now - HISTORY
    )
    return list(rows.order_by("at", "id"))


def channels_of(number: PhoneNumber) -> list[ChannelConfiguration]:
    """The channel configurations that use a number. One query."""
    rows = ChannelConfiguration.objects.filter(workspace=number.workspace_id, phone_number=number)
    return list(rows.order_by("name", "pk"))
