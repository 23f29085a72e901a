"""Forms of Configure. Secrets are typed in and never rendered again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.cleaning import clean_id, clean_secret
from channels_app.accounts.models import ChannelConfiguration, PhoneNumber
from channels_app.accounts.words import NUMBER_STATES
from console.kit.errors import Refused
from console.kit.forms import KitForm, KitModelForm
from console.workspaces.models import Workspace


class SecretInput(forms.PasswordInput):
    """A password field that no password manager fills and no page ever shows again."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "spellcheck": "false"}, render_value=False)


class IdField(forms.CharField):
    """An id of Meta's; spaces are taken out, anything but digits is refused with a sentence."""

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        return _cleaned(clean_id, value) if value else value


class SecretField(forms.CharField):
    """A token or secret."""

    widget = SecretInput

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        return _cleaned(clean_secret, value) if value else value


def _cleaned(cleaner: Any, value: str) -> str:
    try:
        cleaned: str = cleaner(value)
        return cleaned
    except Refused as refused:
        raise forms.ValidationError(str(refused.sentence), code=refused.code) from refused


class CredentialsForm(KitForm):
    """A Meta app and its token."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("How your team calls this connection."))
    app_id = IdField(label=_("App id"), max_length=64, help_text=_("Meta's app dashboard, App settings, Basic."))
    app_secret = SecretField(
        label=_("App secret"), help_text=_("On the same page. It is stored encrypted and never shown again.")
    )
    access_token = SecretField(
        label=_("Access token"),
        help_text=_("Of a system user with the permissions to send messages and to manage the account."),
    )


class RenewForm(KitForm):
    """A new token, and a new app secret if that changed."""

    access_token = SecretField(label=_("New access token"))
    app_secret = SecretField(
        label=_("New app secret"), required=False, help_text=_("Only if the app secret was reset at Meta.")
    )


class AccountForm(KitForm):
    """A WABA by its id."""

    waba_id = IdField(
        label=_("WhatsApp Business Account id"),
        max_length=64,
        help_text=_("WhatsApp Manager shows it beside the account's name. It is verified at Meta at once."),
    )


class ChannelForm(KitModelForm):
    """Name, sender and purpose of a channel configuration."""

    class Meta:
        model = ChannelConfiguration
        fields = ("name", "description", "phone_number", "purpose")
        labels = {"phone_number": _("Sender"), "description": _("Description")}
        help_texts = {
            "name": _("Authors choose it by this name in campaigns and journeys."),
            "purpose": _("What its messages are for. Marketing needs consent."),
        }

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        field = self.fields["phone_number"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = PhoneNumber.objects.filter(workspace=workspace).select_related("account").order_by("pk")
        field.empty_label = None
        field.label_from_instance = sender_label  # type: ignore[method-assign, assignment]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        others = ChannelConfiguration.objects.filter(workspace=self.workspace, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("There is already a channel configuration of this name."))
        return name


def sender_label(number: Any) -> str:
    """ "Lumen Coffee, +44 7700 900118 (Connected)"."""
    state = NUMBER_STATES.get(number.status)
    return f"{number.verified_name}, {number.display_number} ({state[0] if state else number.status})"
