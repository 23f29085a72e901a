"""What Meta says about accounts and numbers now, written down: rows, histories and alerts in one step.

The hourly poll, the button and the checks of a configuration all come here; webhooks write by number_events.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.fact_changes import note_all, note_changes, portfolio_of
from channels_app.accounts.models import FactChange, PhoneNumber, WhatsAppAccount
from channels_app.cloud_api.results import Number, Waba
from console.kit import clock
from console.kit.errors import Refused

POLL = FactChange.Source.POLL


def keep_account(account: WhatsAppAccount, waba: Waba, *, read_at: datetime, **more: Any) -> None:
    """Keeps an account and its portfolio as Meta described them when it was asked at `read_at`. About six statements.

    `more` are further columns of the account, such as is_subscribed.
    """
    columns = {
        "name": waba.name or account.name,
        "portfolio_id": waba.portfolio_id or account.portfolio_id,
        "currency": waba.currency,
        "review_status": waba.review_status,
        "health_word": waba.health_word,
        "has_payment_method": waba.has_payment_method,
        "facts": waba.facts,
        "refreshed_at": clock.now(),
        **more,
    }
    with transaction.atomic():
        note_changes(account, columns, source=POLL, at=read_at)
        if account.portfolio_id:
            told = {"verification_status": waba.verification_status, "name": waba.portfolio_name}
            note_changes(portfolio_of(account), told, source=POLL, at=read_at)


def keep_numbers(account: WhatsAppAccount, numbers: Sequence[Number], *, read_at: datetime) -> list[PhoneNumber]:
    """Keeps these numbers of an account; new ones are added. Refused when another workspace has one. Six statements."""
    ids = [number.id for number in numbers]
    with transaction.atomic():
        now = clock.now()
        fresh = [
            PhoneNumber(
                workspace_id=account.workspace_id,
                account=account,
                phone_number_id=number.id,
                display_number=number.display_number,
                created_at=now,
            )
            for number in numbers
        ]
        PhoneNumber.objects.bulk_create(fresh, ignore_conflicts=True)
        stored = {row.phone_number_id: row for row in PhoneNumber.objects.filter(phone_number_id__in=ids)}
        # Asked after writing: what another workspace connects meanwhile is seen too, and never becomes ours.
        if any(row.workspace_id != account.workspace_id for row in stored.values()):
            raise Refused(
                "accounts.number_elsewhere",
                _("A number of this account is connected to another workspace of this installation."),
            )
        pairs = []
        for number in numbers:
            row = stored[number.id]
            row.account = account
            pairs.append((row, _columns(number) | {"account": account}))
        note_all(pairs, source=POLL, at=read_at)
    return [stored[number.id] for number in numbers]


def keep_number(row: PhoneNumber, number: Number, *, read_at: datetime, source: str = POLL) -> None:
    """Keeps one number that is known already, as Meta described it when it was asked at `read_at`."""
    note_changes(row, _columns(number), source=source, at=read_at)


def _columns(number: Number) -> dict[str, Any]:
    return {
        "display_number": number.display_number,
        "verified_name": number.verified_name,
        "status": number.status,
        "quality_rating": number.quality_rating,
        "throughput_level": number.throughput_level,
        "messaging_limit": number.messaging_limit,
        "name_status": number.name_status,
        "code_verification_status": number.code_verification_status,
        "account_mode": number.account_mode,
        "username": number.username,
        "is_pin_enabled": number.is_pin_enabled,
        "health_word": number.health_word,
        "override_callback_url": number.override_callback_url,
        "facts": number.facts,
        "refreshed_at": clock.now(),
    }
