"""The one place that writes what changed about a number, an account or a portfolio: row, history and alerts together.

The order of locks is account, portfolio, numbers: whoever writes several keeps to it. None keeps others from pointing at
the row (no_key): a draft that names a number must not wait for a reading of that number.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from channels_app.accounts.fact_alerts import rank, tell
from channels_app.accounts.models import FactChange, PhoneNumber, Portfolio, WhatsAppAccount
from console.kit import clock

Subject = PhoneNumber | WhatsAppAccount | Portfolio
Facts = Mapping[str, Any]
Source = FactChange.Source

# The columns of which every change is kept. The messaging limit of a number is its portfolio's: see note_limit.
TRACKED: dict[type[models.Model], frozenset[str]] = {
    PhoneNumber: frozenset(
        {
            "quality_rating",
            "throughput_level",
            "status",
            "name_status",
            "verified_name",
            "code_verification_status",
            "account_mode",
            "is_pin_enabled",
            "health_word",
            "username",
        }
    ),
    WhatsAppAccount: frozenset(
        {"review_status", "standing", "health_word", "is_subscribed", "currency", "has_payment_method"}
    ),
    Portfolio: frozenset({"verification_status", "messaging_limit", "name"}),
}
FOREIGN_KEYS: dict[type[models.Model], str] = {
    PhoneNumber: "phone_number_id",
    WhatsAppAccount: "account_id",
    Portfolio: "portfolio_id",
}
CLEARABLE = frozenset({"standing"})  # of all others nothing means "Meta did not say", never "it is gone"
SELF_ORDERED = frozenset({"standing"})  # computed from parts that know their own times: see standing.py
TEXT_LENGTH = 200


def note_changes(
    subject: Subject, after: Facts, *, source: str, at: datetime | None = None, details: dict[str, Any] | None = None
) -> list[FactChange]:
    """Writes these columns of one row, and a FactChange and the alerts of each tracked one that differs.

    `at` is when Meta says it happened: what is older than the last change of a fact changes nothing, and so does a
    replay. Columns that are not tracked are always written. Two to five statements.
    """
    return note_all([(subject, after)], source=source, at=at, details=details)


@transaction.atomic
def note_all(
    pairs: Sequence[tuple[Subject, Facts]],
    *,
    source: str,
    at: datetime | None = None,
    details: dict[str, Any] | None = None,
) -> list[FactChange]:
    """note_changes for many rows of one model: as many statements as for one, besides those of the alerts."""
    if not pairs:
        return []
    at = min(at, clock.now()) if at else None
    model = type(pairs[0][0])
    changes: list[FactChange] = []
    if model is PhoneNumber:
        for account, limit in _limits(pairs):
            changes += note_limit(account, limit, source=source, at=at)
        pairs = [(row, {name: after[name] for name in after if name != "messaging_limit"}) for row, after in pairs]
    return changes + _write(model, pairs, source, at, details or {})


def _limits(pairs: Sequence[tuple[Any, Facts]]) -> list[tuple[WhatsAppAccount, str]]:
    """The messaging limit that the numbers of each account name: the highest, should they differ for a moment."""
    found: dict[int, tuple[WhatsAppAccount, str]] = {}
    for number, after in pairs:
        limit = _fitting(PhoneNumber, "messaging_limit", after.get("messaging_limit"))
        if limit and (number.account_id not in found or rank(limit) > rank(found[number.account_id][1])):
            found[number.account_id] = (number.account, limit)
    return list(found.values())


def _write(
    model: type[Any],
    pairs: Sequence[tuple[Any, Facts]],
    source: str,
    at: datetime | None,
    details: dict[str, Any],
) -> list[FactChange]:
    ids = [subject.pk for subject, _after in pairs]
    stored = {row.pk: row for row in model.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    found, columns = [], set()
    for subject, after in pairs:
        row = stored.get(subject.pk)
        if row is None:
            continue  # deleted meanwhile
        for name, value in after.items():
            value = _fitting(model, name, value)
            if name not in TRACKED[model]:
                setattr(row, name, value)
                columns.add(name)
            elif _says_something(name, value) and getattr(row, name) != value:
                found.append((subject, row, name, value))
    found = _without_late(model, found, at)
    changes = [_change(subject, row, name, value, source, at, details) for subject, row, name, value in found]
    for _subject, row, name, value in found:
        setattr(row, name, value)
        columns.add(name)
    if columns:
        model.objects.bulk_update(stored.values(), sorted(columns))
    FactChange.objects.bulk_create(changes)
    for subject, _after in pairs:
        if subject.pk in stored:
            _take_over(subject, stored[subject.pk])
    for (subject, _row, _name, _value), change in zip(found, changes, strict=True):
        tell(subject, change)
    return changes


def _says_something(name: str, value: Any) -> bool:
    return name in CLEARABLE or value not in ("", None)


def _fitting(model: type[models.Model], name: str, value: Any) -> Any:
    """The value as its column takes it: text of any kind cut to length, a boolean only when it is one."""
    field = model._meta.get_field(name)
    if isinstance(field, models.CharField):
        text = "" if value is None else str(value)
        return text.replace("\x00", "")[: field.max_length]
    if isinstance(field, models.BooleanField):
        return value if isinstance(value, bool) else None
    return value


Found = tuple[Any, Any, str, Any]


def _without_late(model: type[models.Model], found: Sequence[Found], at: datetime | None) -> list[Found]:
    """Leaves out what a later change has overtaken, and what the same event wrote before."""
    if at is None or not found:
        return list(found)
    key = FOREIGN_KEYS[model]
    is_same_event = Q(at=at, source=Source.WEBHOOK)
    known = FactChange.objects.filter(
        Q(at__gt=at) | is_same_event, **{f"{key}__in": {row.pk for _s, row, _n, _v in found}}
    )
    later, same = set(), set()
    for pk, fact, after, changed_at in known.values_list(key, "fact", "after", "at"):
        if changed_at > at:
            later.add((pk, fact))
        else:
            same.add((pk, fact, after))
    return [
        (subject, row, name, value)
        for subject, row, name, value in found
        if name in SELF_ORDERED or ((row.pk, name) not in later and (row.pk, name, as_text(value)) not in same)
    ]


def _change(
    subject: Subject, row: Any, name: str, value: Any, source: str, at: datetime | None, details: dict[str, Any]
) -> FactChange:
    before = as_text(getattr(row, name))
    is_first = not before and name not in CLEARABLE and source == Source.POLL
    return FactChange(
        workspace_id=row.workspace_id,
        fact=name,
        before=before,
        after=as_text(value),
        source=Source.FIRST if is_first else source,
        details=details,
        at=at or clock.now(),
        **{FOREIGN_KEYS[type(subject)]: row.pk},
    )


def as_text(value: Any) -> str:
    """A value as histories keep it: booleans as "true" and "false", nothing as ""."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)[:TEXT_LENGTH]


def _take_over(subject: Any, row: Any) -> None:
    for field in subject._meta.concrete_fields:
        setattr(subject, field.attname, getattr(row, field.attname))


@transaction.atomic
def note_limit(account: WhatsAppAccount, limit: Any, *, source: str, at: datetime | None = None) -> list[FactChange]:
    """A messaging limit seen on an account or one of its numbers: one change of the portfolio that owns it.

    All its numbers in the workspace carry the same word. Where Meta does not name the portfolio, the change is the
    account's. Three statements when nothing changed.
    """
    at = min(at, clock.now()) if at else None
    text = _fitting(PhoneNumber, "messaging_limit", limit)
    if not text:
        return []
    numbers = PhoneNumber.objects.filter(workspace=account.workspace_id)
    if account.portfolio_id:
        portfolio = portfolio_of(account)
        changes = _write(Portfolio, [(portfolio, {"messaging_limit": text})], source, at, {})
        numbers = numbers.filter(account__portfolio_id=account.portfolio_id)
        current = portfolio.messaging_limit
    else:
        numbers = numbers.filter(account=account)
        change = _limit_of_account(account, numbers, text, source, at)
        changes, current = ([change], text) if change else ([], "")
    if current:
        numbers.exclude(messaging_limit=current).update(messaging_limit=current)
    return changes


def _limit_of_account(
    account: WhatsAppAccount, numbers: Any, text: str, source: str, at: datetime | None
) -> FactChange | None:
    WhatsAppAccount.objects.select_for_update(no_key=True).filter(pk=account.pk).first()
    before = numbers.exclude(messaging_limit=text).values_list("messaging_limit", flat=True).order_by("-pk").first()
    if before is None:
        return None
    limits = FactChange.objects.filter(account=account, fact="messaging_limit")
    if at and limits.filter(Q(at__gt=at) | Q(at=at, source=Source.WEBHOOK, after=text)).exists():
        return None
    is_first = not before and source == Source.POLL
    change = FactChange.objects.create(
        workspace_id=account.workspace_id,
        account=account,
        fact="messaging_limit",
        before=before,
        after=text,
        source=Source.FIRST if is_first else source,
        at=at or clock.now(),
    )
    tell(account, change)
    return change


def portfolio_of(account: WhatsAppAccount) -> Portfolio:
    """The row of an account's portfolio, made when it is missing. One statement when it is there."""
    portfolio, _created = Portfolio.objects.get_or_create(
        workspace_id=account.workspace_id,
        portfolio_id=account.portfolio_id,
        defaults={"created_at": clock.now()},
    )
    return portfolio


@transaction.atomic
def note_happening(
    subject: Subject, fact: str, word: str, *, at: datetime | None = None, details: dict[str, Any] | None = None
) -> FactChange | None:
    """Something Meta told that is no column (a changed PIN, a verdict): a dated row and its alert; None for a replay.

    Events are told apart by fact, word and time.
    """
    at = min(at, clock.now()) if at else clock.now()
    key = {FOREIGN_KEYS[type(subject)]: subject.pk}
    type(subject)._default_manager.select_for_update(no_key=True).filter(pk=subject.pk).first()
    values = {"fact": fact[:32], "after": as_text(word)}
    if FactChange.objects.filter(**key, **values, at=at).exists():
        return None
    change = FactChange.objects.create(
        workspace_id=subject.workspace_id, source=Source.WEBHOOK, details=details or {}, at=at, **key, **values
    )
    tell(subject, change)
    return change
