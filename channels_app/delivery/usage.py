"""How much of a portfolio's messaging limit is used: people written to in the moving 24 hours, at most.

An upper bound: Meta does not count messages inside an open customer service window, which only Meta knows, and knows
one person under a phone number and a business-scoped id as one.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Q

from channels_app.accounts import actions as accounts
from channels_app.accounts.models import PhoneNumber, Portfolio
from channels_app.delivery.models import Message

WINDOW = timedelta(hours=24)


def measure(now: datetime) -> int:
    """Writes the count of every portfolio down; how many had to be counted anew.

    Two queries, and for each portfolio one that looks whether anything came or went; only then one that counts.
    """
    counted = 0
    numbers = _numbers_by_portfolio()
    latest: dict[str, Portfolio] = {}
    for row in Portfolio.objects.filter(portfolio_id__in=numbers).order_by("used_at"):
        known = latest.get(row.portfolio_id)
        if known is None or row.used_at is None or known.used_at is not None:
            latest[row.portfolio_id] = row  # a workspace that has no count yet makes all be counted
    for portfolio_id, portfolio in latest.items():
        used, at = portfolio.used_count, portfolio.used_at
        if used is None or at is None or _has_moved(numbers[portfolio_id], at, now):
            used = people_written_to(numbers[portfolio_id], now - WINDOW, now)
            counted += 1
        accounts.note_usage(portfolio_id=portfolio_id, used_count=used, at=now)
    return counted


def _numbers_by_portfolio() -> dict[str, list[int]]:
    """All numbers of this installation by their portfolio, whichever workspace they are in. One query."""
    rows = PhoneNumber.objects.exclude(account__portfolio_id="").values_list("account__portfolio_id", "pk")
    found: dict[str, list[int]] = defaultdict(list)
    for portfolio_id, pk in rows.order_by("pk"):
        found[portfolio_id].append(pk)
    return found


def _has_moved(phone_number_ids: list[int], since: datetime, now: datetime) -> bool:
    """Whether anything was accepted since, or has left the window since. One query of two index probes."""
    came = Q(accepted_at__gt=since, accepted_at__lte=now)
    went = Q(accepted_at__gt=since - WINDOW, accepted_at__lte=now - WINDOW)
    return Message.objects.filter(came | went, phone_number_id__in=phone_number_ids).exists()


def people_written_to(phone_number_ids: list[int], after: datetime, until: datetime) -> int:
    """Different recipients of accepted messages in a span of time. One query over an index."""
    rows = Message.objects.filter(
        phone_number_id__in=phone_number_ids, accepted_at__gt=after, accepted_at__lte=until
    ).order_by()
    return rows.values("recipient").distinct().count()
