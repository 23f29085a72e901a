"""What this room tells the workspace: that the webhook is broken, or speaks of a number nobody connected."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.alerts.kinds import AlertKind, Facts, register

WEBHOOK = gettext_lazy("Webhook")


def _silence_text(facts: Facts) -> str:
    count = int(facts.get("count", 0))
    sentence = ngettext(
        "Meta accepted %(count)d message and told nothing about it for %(minutes)d minutes. "
        "Nobody knows what became of it. Check the webhook and send a test event.",
        "Meta accepted %(count)d messages and told nothing about them for %(minutes)d minutes. "
        "Nobody knows what became of them. Check the webhook and send a test event.",
        count,
    )
    return sentence % {"count": count, "minutes": int(facts.get("minutes", 0))}


def _refused_text(facts: Facts) -> str:
    if facts.get("is_stale"):
        return _(
            "Meta signs with an app secret that was replaced here, so its events are refused. Compare the app secret "
            "with Meta's app dashboard and renew it here. Meta repeats the events for up to 7 days."
        )
    count = int(facts.get("count", 0))
    sentence = ngettext(
        "%(count)d call was refused for its signature and none was accepted since. Compare the app secret with Meta's "
        "app dashboard and renew it here. Meta repeats the events for up to 7 days.",
        "%(count)d calls were refused for their signature and none was accepted since. Compare the app secret with "
        "Meta's app dashboard and renew it here. Meta repeats the events for up to 7 days.",
        count,
    )
    return sentence % {"count": count}


def _unknown_text(facts: Facts) -> str:
    count = int(facts.get("count", 0))
    sentence = ngettext(
        "%(count)d event is kept. Connect the number and it is applied, or end the account's events if it is not yours.",
        "%(count)d events are kept. Connect the number and they are applied, or end the account's events if it is not "
        "yours.",
        count,
    )
    return sentence % {"count": count}


register(
    AlertKind(
        name="webhooks.silence",
        group=WEBHOOK,
        label=gettext_lazy("Webhook is silent"),
        title=gettext_lazy("No webhook is heard for %(number)s"),
        text=_silence_text,
        tone="bad",
        url_name="accounts:webhook",
        url_facts=("credentials_id",),
    )
)
register(
    AlertKind(
        name="webhooks.refused",
        group=WEBHOOK,
        label=gettext_lazy("Webhook calls are refused"),
        title=gettext_lazy("Webhook calls of %(name)s are refused"),
        text=_refused_text,
        tone="bad",
        url_name="accounts:webhook",
        url_facts=("credentials_id",),
    )
)
register(
    AlertKind(
        name="webhooks.unknown_number",
        group=WEBHOOK,
        label=gettext_lazy("Events for a number that is not connected"),
        title=gettext_lazy("Events for number id %(phone_number_id)s, which is not connected"),
        text=_unknown_text,
        url_name="accounts:senders",
        url_facts=("credentials_id",),
    )
)
