"""Forms of Configure. Secrets are typed in and never rendered again."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.cleaning import clean_id, clean_secret
from console.kit.errors import Refused
from console.kit.forms import KitForm


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


class PortfolioField(IdField):
    """The id of a business portfolio: optional, and often mistaken for an account's."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Business portfolio id"),
            max_length=64,
            required=False,
            help_text=_("The id of the business portfolio, not of the WhatsApp Business Account."),
        )


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
    portfolio_id = PortfolioField()


class EditCredentialsForm(KitForm):
    """Name and portfolio of credentials."""

    name = forms.CharField(label=_("Name"), max_length=120)
    portfolio_id = PortfolioField()


class RenewForm(KitForm):
    """A new token, a new app secret, or both."""

    access_token = SecretField(
        label=_("New access token"),
        required=False,
        help_text=_("Leave it empty to keep the token and change only the app secret."),
    )
    app_secret = SecretField(
        label=_("New app secret"), required=False, help_text=_("Only if the app secret was reset at Meta.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("access_token") and not cleaned.get("app_secret"):
            self.add_error("access_token", _("Enter the new access token."))
        return cleaned


class AccountForm(KitForm):
    """Which WABAs to connect: those ticked among the ones the token showed, and one typed by its id."""

    chosen = forms.MultipleChoiceField(required=False)
    waba_id = IdField(
        label=_("Another account's id"),
        max_length=64,
        required=False,
        help_text=_("WhatsApp Manager shows it beside the account's name. It is verified at Meta at once."),
    )

    def __init__(self, *args: Any, choices: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["chosen"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(waba_id, waba_id) for waba_id in choices]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.waba_ids:
            self.add_error("waba_id", _("Choose an account above, or enter an id."))
        return cleaned

    @property
    def waba_ids(self) -> list[str]:
        typed = self.cleaned_data.get("waba_id")
        return [*self.cleaned_data.get("chosen", []), *([typed] if typed else [])]
