"""What workers write about numbers besides Meta's facts: when they were heard, how much is used, what has ended."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from channels_app.accounts import standing
from channels_app.accounts.fact_changes import note_changes
from channels_app.accounts.models import FactChange, PhoneNumber, Portfolio, WhatsAppAccount
from console.workspaces.models import Workspace

HEARD_EVERY = timedelta(minutes=1)  # a number in full swing is heard thousands of times a minute


def hear_events(
    *, workspace: Workspace, waba_ids: Collection[str], phone_number_ids: Collection[str], at: datetime
) -> None:
    """Notes that Meta posted something about these at `at`. At most one UPDATE for accounts and one for numbers."""
    is_stale = Q(heard_at__isnull=True) | Q(heard_at__lt=at - HEARD_EVERY)
    if waba_ids:
        WhatsAppAccount.objects.filter(is_stale, workspace=workspace, waba_id__in=waba_ids).update(heard_at=at)
    if phone_number_ids:
        numbers = PhoneNumber.objects.filter(is_stale, workspace=workspace, phone_number_id__in=phone_number_ids)
        numbers.update(heard_at=at)


def note_usage(*, portfolio_id: str, used_count: int, at: datetime) -> None:
    """How many people all numbers of a portfolio wrote to in the 24 hours before `at`, at most. One UPDATE.

    Every workspace that shares the portfolio gets the same count: Meta counts them together.
    """
    Portfolio.objects.filter(portfolio_id=portfolio_id).update(used_count=used_count, used_at=at)


def end_restrictions(now: datetime) -> int:
    """Ends what has run out by its own date, and resolves its alert: how many accounts. One query when nothing ended."""
    ended = 0
    for account in WhatsAppAccount.objects.select_related("workspace").exclude(standing="").order_by("pk"):
        word = standing.word_of(account.standing_facts, now)
        if word != account.standing:
            ended += len(note_changes(account, {"standing": word}, source=FactChange.Source.POLL))
    return ended
