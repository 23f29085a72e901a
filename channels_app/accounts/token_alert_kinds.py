"""What this room tells about tokens: that one ends soon, that Meta refuses one."""

from django.utils import formats
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.alerts.kinds import AlertKind, Facts, register
from console.kit import clock

TOKENS = gettext_lazy("Tokens")


def _expiry_title(facts: Facts) -> str:
    days = int(facts.get("days", 0))
    values = {"name": facts.get("name", ""), "days": days}
    ends_at = parse_datetime(str(facts.get("expires_at", "")))
    if ends_at is not None and ends_at <= clock.now():
        return _("The token of “%(name)s” has expired") % values
    if days < 1:
        return _("The token of “%(name)s” expires within a day") % values
    return (
        ngettext(
            "The token of “%(name)s” expires in %(days)d day", "The token of “%(name)s” expires in %(days)d days", days
        )
        % values
    )


def _expiry_text(facts: Facts) -> str:
    instant = parse_datetime(str(facts.get("expires_at", "")))
    if instant is None:
        return _("Renew it: the old one serves until the new one has passed its checks.")
    return _("Renew it before %(day)s: the old one serves until the new one has passed its checks.") % {
        "day": formats.date_format(instant, "DATE_FORMAT")
    }


def _dead_text(facts: Facts) -> str:
    return _("Nothing can be sent with it. Make a new token for the system user and renew it. (Meta code %(code)s)") % {
        "code": facts.get("code", "")
    }


TOKEN_EXPIRY = register(
    AlertKind(
        name="accounts.token_expiry",
        group=TOKENS,
        label=gettext_lazy("A token expires in 14, 7 days or 1 day"),
        title=_expiry_title,
        text=_expiry_text,
        tone="warn",
        url_name="accounts:access",
        url_facts=("credentials_id",),
    )
)
TOKEN_DEAD = register(
    AlertKind(
        name="accounts.token_dead",
        group=TOKENS,
        label=gettext_lazy("Meta refuses a token"),
        title=gettext_lazy("Meta refuses the token of “%(name)s”"),
        text=_dead_text,
        tone="bad",
        url_name="accounts:access",
        url_facts=("credentials_id",),
    )
)
