"""How numbers, money, durations, phones and instants are written, in the active language and time zone."""

from datetime import datetime, timedelta
from decimal import Decimal

import phonenumbers
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NOTHING = "–"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "KRW": "₩", "JPY": "¥", "INR": "₹", "BRL": "R$"}
WHOLE_CURRENCIES = {"KRW", "JPY"}


def number(value: float | Decimal | None, decimals: int = 0) -> str:
    """48210 -> '48,210'; None -> '–'."""
    if value is None or value == "":
        return NOTHING
    size: float | Decimal = -value if value < 0 else value
    text = formats.number_format(size, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"−{text}" if value < 0 else text


def compact(value: float | None) -> str:
    """120400 -> '120K'; 1250000 -> '1.3M'; below ten thousand in full."""
    if value is None:
        return NOTHING
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")):
        if abs(value) >= size and abs(value) >= 10_000:
            scaled = value / size
            text = formats.number_format(round(scaled, 1 if scaled < 10 else 0), use_l10n=True)
            return f"{text.removesuffix('.0')}{letter}"
    return number(value)


def percent(ratio: float | None, decimals: int = 1) -> str:
    """0.607 -> '60.7%'; 0% and 100% only when they are exact, else '<0.1%' and '>99.9%'."""
    if ratio is None:
        return NOTHING
    value = round(ratio * 100, decimals)
    step = 10**-decimals
    if value == 0 and ratio > 0:
        return f"<{number(step, decimals)}%"
    if value == 100 and ratio < 1:
        return f">{number(100 - step, decimals)}%"
    return f"{number(value, 0 if value in (0, 100) else decimals)}%"


def share(part: float | None, whole: float | None) -> str:
    """24318 of 40058 -> '60.7%'; '–' when there is nothing to divide by."""
    return percent(part / whole) if whole and part is not None else NOTHING


def duration(value: float | timedelta | None) -> str:
    """262 s -> '4 min 22 s'; two units at most, whole days from three days on."""
    if value is None:
        return NOTHING
    total = int(value.total_seconds() if isinstance(value, timedelta) else value)
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days >= 3:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if days or hours:
        hours += days * 24
        return (
            _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
            if minutes
            else _("%(hours)d h") % {"hours": hours}
        )
    if minutes:
        return (
            _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}
            if seconds
            else _("%(minutes)d min") % {"minutes": minutes}
        )
    return _("%(seconds)d s") % {"seconds": seconds}


def money(micros: int | None, currency: str) -> str:
    """Millionths of a currency unit -> '€2,847.74'; a currency without a known sign keeps its code."""
    if micros is None:
        return NOTHING
    amount = Decimal(micros) / 1_000_000
    text = number(amount, 0 if currency in WHOLE_CURRENCIES else 2)
    sign, digits = ("−", text[1:]) if text.startswith("−") else ("", text)
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{text} {currency}"


def masked_phone(e164: str | None) -> str:
    """'+447700900341' -> '+44 •••• 0341': country code and last four digits only."""
    if not e164:
        return NOTHING
    digits = e164.lstrip("+")
    if digits[:2].isalpha():  # a business-scoped user id
        return f"{e164[:3]}•••• {e164[-4:]}"
    if len(digits) < 7:
        return "•••• " + digits[-2:]
    try:
        country = str(phonenumbers.parse(f"+{digits}").country_code)
    except phonenumbers.NumberParseException:
        country = digits[:2]
    return f"+{country} •••• {digits[-4:]}"


def when(at: datetime | None, *, with_zone: bool = False, in_sentence: bool = False) -> str:
    """'Today, 10:31', 'Yesterday, 17:05', '9 Mar, 09:12', with the year when it differs, with the zone on request.

    `in_sentence` is for the middle of a sentence: 'today, 10:31'.
    """
    if at is None:
        return NOTHING
    local, now = timezone.localtime(at), timezone.localtime()
    clock = local.strftime("%H:%M")
    days = (now.date() - local.date()).days
    if days == 0:
        text = (_("today, %(time)s") if in_sentence else _("Today, %(time)s")) % {"time": clock}
    elif days == 1:
        text = (_("yesterday, %(time)s") if in_sentence else _("Yesterday, %(time)s")) % {"time": clock}
    elif days == -1:
        text = (_("tomorrow, %(time)s") if in_sentence else _("Tomorrow, %(time)s")) % {"time": clock}
    elif local.year == now.year:
        text = f"{formats.date_format(local, _('j M'))}, {clock}"
    else:
        text = f"{formats.date_format(local, _('j M Y'))}, {clock}"
    return f"{text}, {timezone.get_current_timezone_name()}" if with_zone else text


def ago(at: datetime | None) -> str:
    """'2 s ago', '38 min ago', '5 h ago', '2 days ago'; the script keeps it counting."""
    if at is None:
        return NOTHING
    seconds = max(0, int((timezone.now() - at).total_seconds()))
    if seconds < 60:
        return _("%(count)d s ago") % {"count": seconds}
    if seconds < 3_600:
        return _("%(count)d min ago") % {"count": seconds // 60}
    if seconds < 86_400:
        return _("%(count)d h ago") % {"count": seconds // 3_600}
    days = seconds // 86_400
    return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}


def full_instant(at: datetime) -> str:
    """The whole instant in the current zone, for titles: '9 March 2026, 09:12:04 Europe/London'."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, _('j F Y'))}, {local:%H:%M:%S} {timezone.get_current_timezone_name()}"
