"""What this room tells the workspace: what Meta decided about a template. Facts are Meta's words, sentences the reader's."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.message_templates import describing
from console.alerts.kinds import AlertKind, Facts, register

TEMPLATES = gettext_lazy("Templates")
STATUS, CATEGORY, QUALITY = "templates.status", "templates.category", "templates.quality"
TO_TEMPLATE: dict[str, Any] = {
    "group": TEMPLATES,
    "capability": "templates.view",
    "default_capability": "templates.manage",
    "url_name": "message_templates:detail",
    "url_facts": ("template_pk",),
    "is_event": True,  # Meta decided: whatever comes after is another decision
}
STATUS_TITLES = {
    "APPROVED": gettext_lazy("Meta approved the template “%(name)s” (%(language)s)"),
    "REJECTED": gettext_lazy("Meta rejected the template “%(name)s” (%(language)s)"),
    "PAUSED": gettext_lazy("Meta paused the template “%(name)s” (%(language)s)"),
    "DISABLED": gettext_lazy("Meta disabled the template “%(name)s” (%(language)s)"),
    "PENDING_DELETION": gettext_lazy("The template “%(name)s” (%(language)s) is being deleted at Meta"),
    "DELETED": gettext_lazy("The template “%(name)s” (%(language)s) was deleted at Meta"),
    "ARCHIVED": gettext_lazy("Meta archived the template “%(name)s” (%(language)s)"),
    "LIMIT_EXCEEDED": gettext_lazy("The account has too many templates for “%(name)s” (%(language)s)"),
}
STATUS_TEXTS = {
    "APPROVED": gettext_lazy("It can be sent from now on."),
    "PAUSED": gettext_lazy("Its quality is low. Campaigns with it wait until Meta resumes it."),
    "DISABLED": gettext_lazy("Nothing can be sent with it any more. Use another template, or appeal at Meta."),
    "PENDING_DELETION": gettext_lazy("Campaigns with it stop. Choose another template for them."),
    "DELETED": gettext_lazy("Campaigns with it stop. Choose another template for them."),
    "ARCHIVED": gettext_lazy("It was not used for a year. Unarchive it at Meta within 28 days, or it is deleted."),
    "LIMIT_EXCEEDED": gettext_lazy("Delete templates that nobody uses at Meta, then sync again."),
}
STATUS_TONES = {"APPROVED": "info", "REJECTED": "bad", "DISABLED": "bad"}  # the others warn
QUALITY_TONES = {"RED": "bad", "YELLOW": "warn"}


def _named(facts: Facts, **more: Any) -> dict[str, Any]:
    return {"name": facts.get("name", ""), "language": str(facts.get("language", "")).replace("_", "-"), **more}


def _status_title(facts: Facts) -> str:
    return str(STATUS_TITLES.get(str(facts.get("after")), "%(name)s")) % _named(facts)


def _status_text(facts: Facts) -> str:
    after = str(facts.get("after"))
    if after == "REJECTED":
        reasons = describing.rejection_of(str(facts.get("reason") or ""), facts.get("rejection") or {})
        return " ".join(map(str, reasons)) or _("Meta gave no reason. Open the template to see what it says.")
    note = facts.get("note") or {}
    if note.get("description") and after != "APPROVED":
        return _("Meta says: %(said)s") % {"said": note["description"]}
    return str(STATUS_TEXTS.get(after, ""))


def _category_title(facts: Facts) -> str:
    category = str(facts.get("after", "")).capitalize()
    if facts.get("is_announced"):
        return _("Meta will make “%(name)s” (%(language)s) a %(category)s template") % _named(facts, category=category)
    return _("Meta made “%(name)s” (%(language)s) a %(category)s template") % _named(facts, category=category)


def _category_text(facts: Facts) -> str:
    before = str(facts.get("before", "")).capitalize()
    return _(
        "It was %(before)s. Its price and the consent it needs follow the category; a review can be asked for at Meta "
        "within 60 days."
    ) % {"before": before}


def _quality_title(facts: Facts) -> str:
    rating = describing.quality(str(facts.get("after", "")))
    word = rating["label"] if rating else str(facts.get("after", ""))
    return _("Quality of the template “%(name)s” (%(language)s) is now %(word)s") % _named(facts, word=word)


register(
    AlertKind(
        STATUS,
        label=gettext_lazy("A template is approved, rejected, paused or gone"),
        title=_status_title,
        text=_status_text,
        **TO_TEMPLATE,
    )
)
register(
    AlertKind(
        CATEGORY,
        label=gettext_lazy("The category of a template changes"),
        title=_category_title,
        text=_category_text,
        **TO_TEMPLATE,
    )
)
register(
    AlertKind(
        QUALITY,
        label=gettext_lazy("The quality of a template drops"),
        title=_quality_title,
        text=gettext_lazy(
            "People block or report it. At low quality Meta pauses it, the third time for good: send it to fewer people, "
            "who expect it."
        ),
        **TO_TEMPLATE,
    )
)
