"""What the doctor tells the workspace: the checks that fail, in one alert that ends when none does."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from channels_app.doctor import words
from console.alerts.kinds import AlertKind, Facts, register


def _title(facts: Facts) -> str:
    count = int(facts.get("count", 0))
    return ngettext("%(count)d set-up check fails", "%(count)d set-up checks fail", count) % {"count": count}


def _text(facts: Facts) -> str:
    titles = dict.fromkeys(words.describe(check)[0] for check in facts.get("checks", []))
    return "; ".join(titles)


DOCTOR_FAILED = register(
    AlertKind(
        "doctor.failed",
        group=_("Setup"),
        label=_("The daily set-up check fails"),
        title=_title,
        text=_text,
        tone="bad",
        url_name="doctor:page",
    )
)
