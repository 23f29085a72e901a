"""What this room tells the workspace itself."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.alerts.kinds import AlertKind, Facts, register


def _off_text(facts: Facts) -> str:
    if facts.get("reason") == "gone":
        return _(
            "Its server answered that the address is gone for good (HTTP 410). Correct the address, then turn it on."
        )
    return _("It failed %(count)s times in a row. See in its log what it answered, mend it, then turn it on.") % {
        "count": facts.get("failure_count", "")
    }


ENDPOINT_OFF = register(
    AlertKind(
        "alerts.endpoint_off",
        gettext_lazy("Alerts"),
        gettext_lazy("An outgoing webhook was turned off"),
        gettext_lazy("The outgoing webhook “%(subject)s” was turned off"),
        _off_text,
        capability="workspace.manage",
        default_capability="workspace.manage",
        url_name="alerts:endpoint",
        url_facts=("endpoint_pk",),
    )
)
