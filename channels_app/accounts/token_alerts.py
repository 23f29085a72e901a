"""When a token is worth an alert: 14, 7 days and 1 day before it ends, and when Meta refuses it."""

from datetime import datetime, timedelta
from typing import Any

from channels_app.accounts.models import ApiCredentials
from channels_app.accounts.token_alert_kinds import TOKEN_DEAD, TOKEN_EXPIRY
from console.alerts.actions import raise_alert, resolve_alert

THRESHOLD_DAYS = (1, 7, 14)


def tell_expiry(credentials: ApiCredentials, now: datetime) -> None:
    """Raises the alert of the nearest threshold, once each, and resolves the others. Call it inside a transaction."""
    ends_at = credentials.token_expires_at
    reached = [days for days in THRESHOLD_DAYS if ends_at and ends_at <= now + timedelta(days=days)]
    for days in THRESHOLD_DAYS:
        if days not in reached[:1]:
            resolve_alert(credentials.workspace, TOKEN_EXPIRY.name, key=_expiry_key(credentials, days))
    if reached and ends_at:
        facts = _facts(credentials) | {"expires_at": ends_at.isoformat(), "days": max(0, (ends_at - now).days)}
        raise_alert(
            credentials.workspace,
            TOKEN_EXPIRY.name,
            key=_expiry_key(credentials, reached[0]),
            subject=credentials.name,
            facts=facts,
            tone="bad" if reached[0] == THRESHOLD_DAYS[0] else "warn",
        )


def tell_dead(credentials: ApiCredentials) -> None:
    """Raises or resolves the alert of a refused token, by the status. Call it inside the transaction of the change."""
    key = str(credentials.pk)
    if credentials.status != "dead":
        resolve_alert(credentials.workspace, TOKEN_DEAD.name, key=key)
        return
    facts = _facts(credentials) | {"code": credentials.refused_code}
    raise_alert(credentials.workspace, TOKEN_DEAD.name, key=key, subject=credentials.name, facts=facts)


def forget(credentials: ApiCredentials) -> None:
    """Resolves all alerts of credentials that are about to be deleted."""
    resolve_alert(credentials.workspace, TOKEN_DEAD.name, key=str(credentials.pk))
    for days in THRESHOLD_DAYS:
        resolve_alert(credentials.workspace, TOKEN_EXPIRY.name, key=_expiry_key(credentials, days))


def _facts(credentials: ApiCredentials) -> dict[str, Any]:
    return {"credentials_id": credentials.pk, "name": credentials.name}


def _expiry_key(credentials: ApiCredentials, days: int) -> str:
    return f"{credentials.pk}:{days}"
