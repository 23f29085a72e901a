"""Forms of campaigns: the name, the composer's fields, and the activation."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import queries
from campaigns.models import Campaign
from console.audiences import phone_fields
from console.audiences import queries as audiences
from console.audiences.phone_field_forms import NAMES, add_phone_fields, chosen
from console.kit import clock
from console.kit.forms import KitForm
from console.kit.widgets import DateTimeInput, SearchSelect, Segmented

NOW, LATER = "now", "later"
AREAS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
CITIES = [name for name in available_timezones() if name.startswith(AREAS)]  # without the aliases of old systems


class NewCampaignForm(KitForm):
    """The first step: a name; everything else is chosen in the composer."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("Only your team sees it. For example “Spring roast, early access”."),
    )


class CampaignForm(KitForm):
    """Properties, audience, sender and schedule of a draft; the content has its own form beside it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    audience: Any = forms.ModelChoiceField(
        label=_("Audience"), queryset=None, required=False, empty_label=_("Choose an audience"), widget=SearchSelect
    )
    channel_configuration: Any = forms.ModelChoiceField(
        label=_("Channel configuration"),
        queryset=None,
        required=False,
        empty_label=_("Choose a sender"),
        widget=SearchSelect,
    )
    when = forms.ChoiceField(
        label=_("Start"),
        choices=((NOW, _("When it is activated")), (LATER, _("At a time"))),
        widget=Segmented,
        required=False,
    )
    starts_on = forms.DateTimeField(label=_("Date and time"), required=False, widget=DateTimeInput)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=SearchSelect)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    optional_note = False

    def __init__(self, data: Any = None, *, campaign: Campaign) -> None:
        self.campaign = campaign
        zone = campaign.workspace.time_zone or "UTC"
        starts_at = campaign.starts_at
        initial = {
            "name": campaign.name,
            "audience": campaign.audience_id,
            "channel_configuration": campaign.channel_configuration_id,
            "when": LATER if starts_at else NOW,
            "starts_on": timezone.localtime(starts_at or suggested_start(zone), ZoneInfo(zone)).replace(tzinfo=None),
            "time_zone": zone,
            "revision": campaign.revision,
        }
        super().__init__(data, initial=initial)
        audience, channel = self.fields["audience"], self.fields["channel_configuration"]
        assert isinstance(audience, forms.ModelChoiceField) and isinstance(channel, forms.ModelChoiceField)
        audience.queryset = queries.audience_choices(campaign.workspace)
        channel.queryset = queries.channel_choices(campaign.workspace)
        channel.label_from_instance = sender_label  # type: ignore[method-assign]
        inherited = campaign.channel_configuration.phone_fields if campaign.channel_configuration else []
        default = phone_fields.chain(inherited, campaign.workspace.phone_fields)
        add_phone_fields(
            self,
            audiences.phone_field_choices(campaign.workspace, default, campaign.phone_fields),
            initial=campaign.phone_fields,
            empty_label=_("As the channel configuration: %(fields)s") % {"fields": phone_fields.in_words(default)},
            help_text=_("The message goes to the first field of a profile that holds a number."),
        )
        zones = self.fields["time_zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = [(name, name) for name in sorted({*CITIES, "UTC", zone})]

    @property
    def overrides_phone_fields(self) -> bool:
        """Whether the fold of the phone fields stands open: something is chosen in it, or wrong."""
        return bool(self.campaign.phone_fields) or any(name in self.errors for name in NAMES)

    def clean(self) -> dict[str, Any]:
        """`starts_at` is what was typed in the chosen zone; a time that has passed is an error of its field.

        `phone_fields` is the chain of the three choices.
        """
        cleaned = super().clean() or {}
        cleaned["starts_at"] = None
        cleaned["phone_fields"] = chosen(cleaned)
        if cleaned.get("when") != LATER or "starts_on" in self.errors:
            return cleaned
        typed = cleaned.get("starts_on")
        if typed is None:
            self.add_error("starts_on", _("Choose a date and a time, or start when it is activated."))
            return cleaned
        zone = ZoneInfo(cleaned.get("time_zone") or self.campaign.workspace.time_zone or "UTC")
        starts_at = as_typed(typed).replace(tzinfo=zone)
        if starts_at <= clock.now() and starts_at != self.campaign.starts_at:
            self.add_error("starts_on", _("This time has passed. Choose a later one, or start when it is activated."))
            return cleaned
        cleaned["starts_at"] = starts_at
        return cleaned


def suggested_start(zone: str) -> datetime:
    """What stands in the fields when "At a time" is chosen: tomorrow at ten, so that a time is never left out."""
    tomorrow = timezone.localtime(clock.now(), ZoneInfo(zone)) + timedelta(days=1)
    return tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)


def sender_label(obj: Any) -> str:
    """How a channel configuration reads in the choice: its name and the number that sends."""
    return f"{obj.name} · {obj.phone_number.display_number}"


def as_typed(value: datetime) -> datetime:
    """The wall clock that a person typed: forms have made it aware in the server's zone."""
    return timezone.make_naive(value) if timezone.is_aware(value) else value


class ActivationForm(forms.Form):
    """What the activating person saw: the revision, and a key that makes a repeated post harmless."""

    revision = forms.IntegerField(min_value=0)
    idempotency_key = forms.CharField(max_length=64)
