"""The form of a channel configuration."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.channel_actions import LONGEST_TAG, MOST_TAGS
from channels_app.accounts.models import ChannelConfiguration, ChannelVersion, PhoneNumber
from channels_app.accounts.words import NUMBER_STATES
from console.audiences import phone_fields, queries
from console.audiences.models import Purpose
from console.audiences.phone_field_forms import add_phone_fields, chosen
from console.kit.forms import KitForm
from console.kit.widgets import Card, RadioCards, TagField
from console.workspaces.models import Workspace

PURPOSES = [
    (
        Purpose.MARKETING,
        Card(Purpose.MARKETING.label, _("Offers and news, only to people who agreed. Utility templates may go along.")),
    ),
    (Purpose.UTILITY, Card(Purpose.UTILITY.label, _("Orders, bookings, accounts. Utility templates only."))),
    (Purpose.AUTHENTICATION, Card(Purpose.AUTHENTICATION.label, _("One-time codes. Authentication templates only."))),
]
MOST_TAG_CHARACTERS = MOST_TAGS * (LONGEST_TAG + 2)


class ChannelForm(KitForm):
    """Name, description, tags; sender, purpose and phone fields of the version that is edited."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Authors choose it by this name in campaigns and journeys.")
    )
    description = forms.CharField(label=_("Description"), max_length=300, required=False)
    tags = TagField(
        label=_("Tags"),
        required=False,
        max_length=MOST_TAG_CHARACTERS,
        help_text=_("Words to find it by, separated by commas."),
    )
    phone_number: Any = forms.ModelChoiceField(label=_("Sender"), queryset=None, empty_label=None)
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=PURPOSES,
        widget=RadioCards,
        help_text=_("It decides which consent is asked, and which templates may be sent."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        workspace: Workspace,
        channel: ChannelConfiguration | None = None,
        version: ChannelVersion | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={**(initial or {"purpose": Purpose.MARKETING}), **_initial(channel, version)})
        self.workspace, self.channel = workspace, channel
        edited = version or channel
        numbers = PhoneNumber.objects.filter(workspace=workspace).select_related("account").order_by("pk")
        senders = numbers.filter(is_sender=True)
        field = self.fields["phone_number"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = senders if edited is None else senders | numbers.filter(pk=edited.phone_number_id)
        field.label_from_instance = sender_label  # type: ignore[method-assign, assignment]
        if channel is not None and channel.status == "active":
            self.fields["name"].disabled = True
            self.fields["name"].help_text = _("Fixed while the configuration is active: authors know it by this name.")
        current = edited.phone_fields if edited else []
        add_phone_fields(
            self,
            queries.phone_field_choices(workspace, workspace.phone_fields, current),
            initial=current,
            empty_label=_("As the workspace: %(fields)s") % {"fields": phone_fields.in_words(workspace.phone_fields)},
            help_text=_(
                "A message goes to the first field of a profile that holds a number. A campaign may override it."
            ),
        )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        others = ChannelConfiguration.objects.filter(workspace=self.workspace, name=name)
        if (others.exclude(pk=self.channel.pk) if self.channel else others).exists():
            raise forms.ValidationError(_("There is already a channel configuration of this name."))
        return name

    def clean_tags(self) -> list[str]:
        tags: list[str] = self.cleaned_data["tags"]
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(
                _("At most %(count)s tags of %(length)s characters each.") % {"count": MOST_TAGS, "length": LONGEST_TAG}
            )
        return tags

    @property
    def values(self) -> dict[str, Any]:
        """What the actions take."""
        names = ("name", "description", "tags", "phone_number", "purpose")
        return {name: self.cleaned_data[name] for name in names} | {"phone_fields": chosen(self.cleaned_data)}


def _initial(channel: ChannelConfiguration | None, version: ChannelVersion | None) -> dict[str, Any]:
    if channel is None:
        return {}
    edited = version or channel
    return {
        "name": channel.name,
        "description": channel.description,
        "tags": channel.tags,
        "phone_number": edited.phone_number_id,
        "purpose": edited.purpose,
        "revision": channel.revision,
    }


def sender_label(number: Any) -> str:
    """ "Lumen Coffee, +44 7700 900118 (Connected)"."""
    state = NUMBER_STATES.get(number.status)
    return f"{number.verified_name}, {number.display_number} ({state[0] if state else number.status})"
