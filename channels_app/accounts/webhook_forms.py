"""The form of the webhook's page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.subscription_actions import SILENCE_MINUTES
from console.kit.forms import KitForm


class SilenceForm(KitForm):
    """Minutes until silence is an alert."""

    minutes = forms.IntegerField(
        label=_("Alert after"),
        min_value=SILENCE_MINUTES[0],
        max_value=SILENCE_MINUTES[1],
        help_text=_(
            "When Meta accepts messages of a number and tells nothing for so long, the webhook is probably broken. "
            "From 2 minutes to a day (1440)."
        ),
    )
