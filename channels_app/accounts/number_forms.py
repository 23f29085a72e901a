"""Forms of the registration ladder. A PIN is typed twice, passed on, and never rendered or kept."""

import re
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.forms import SecretInput
from channels_app.accounts.models import WhatsAppAccount
from console.kit.forms import KitForm
from console.workspaces.models import Workspace

SIX_DIGITS = re.compile(r"[0-9]{6}")
# Meta's codes of languages, each in its own name.
LANGUAGES = (
    ("en_US", "English (US)"),
    ("en_GB", "English (UK)"),
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("es_MX", "Español (México)"),
    ("fr", "Français"),
    ("hi", "हिन्दी"),
    ("id", "Bahasa Indonesia"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("nl", "Nederlands"),
    ("pt_BR", "Português (Brasil)"),
    ("tr", "Türkçe"),
    ("zh_CN", "简体中文"),
)
REGIONS: tuple[tuple[str, str | Promise], ...] = (
    ("", _("Wherever Meta keeps it")),
    ("AE", _("United Arab Emirates")),
    ("AU", _("Australia")),
    ("BH", _("Bahrain")),
    ("BR", _("Brazil")),
    ("CA", _("Canada")),
    ("CH", _("Switzerland")),
    ("DE", _("Germany")),
    ("GB", _("United Kingdom")),
    ("ID", _("Indonesia")),
    ("IN", _("India")),
    ("JP", _("Japan")),
    ("KR", _("South Korea")),
    ("SG", _("Singapore")),
    ("ZA", _("South Africa")),
)


class SixDigitsField(forms.CharField):
    """Six digits; spaces and hyphens are taken out, as Meta writes codes with them."""

    def clean(self, value: Any) -> Any:
        text = re.sub(r"[\s\-\u00ad\u200b-\u200f\u2060\ufeff]+", "", str(super().clean(value) or ""))
        if not SIX_DIGITS.fullmatch(text):
            raise forms.ValidationError(_("Enter six digits."), code="six_digits")
        return text


class AddNumberForm(KitForm):
    """A phone number for an account."""

    account = forms.ModelChoiceField(WhatsAppAccount.objects.none(), label=_("Account"), empty_label=None)
    country_code = forms.CharField(
        label=_("Country code"), max_length=8, help_text=_("The digits after the plus sign, for example 44.")
    )
    number = forms.CharField(
        label=_("Phone number"),
        max_length=32,
        help_text=_("Without country code. It must be able to receive an SMS or a call, and must not be on WhatsApp."),
    )
    verified_name = forms.CharField(
        label=_("Display name"),
        max_length=200,
        help_text=_("What people see instead of the number once Meta has approved it."),
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = WhatsAppAccount.objects.filter(workspace=workspace).order_by("name", "pk")

    def clean_country_code(self) -> str:
        digits = _digits(self.cleaned_data["country_code"])
        if not 1 <= len(digits) <= 3:
            raise forms.ValidationError(_("Enter one to three digits, for example 44."))
        return digits

    def clean_number(self) -> str:
        typed = self.cleaned_data["number"].strip()
        digits, code = _digits(typed), str(self.cleaned_data.get("country_code", ""))
        if typed.startswith("+") and code:
            digits = digits.removeprefix(code)
        if not 4 <= len(digits) <= 14:
            raise forms.ValidationError(_("Enter the number in digits, without the country code."))
        return digits


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


class CodeForm(KitForm):
    """How the code comes."""

    method = forms.ChoiceField(label=_("How"), choices=[("SMS", _("By SMS")), ("VOICE", _("By a call"))])
    language = forms.ChoiceField(label=_("Language of the code"), choices=LANGUAGES)


class VerifyForm(KitForm):
    """The code that came."""

    code = SixDigitsField(
        label=_("Code"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )


class PinForm(KitForm):
    """A six-digit PIN, twice."""

    pin = SixDigitsField(
        label=_("Six-digit PIN"),
        max_length=20,
        widget=SecretInput(),
        help_text=_("Keep it in your password manager: it is not kept here, and Meta asks for it again."),
    )
    pin_again = SixDigitsField(label=_("The PIN again"), max_length=20, widget=SecretInput())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("pin") and data.get("pin_again") and data["pin"] != data["pin_again"]:
            self.add_error("pin_again", forms.ValidationError(_("The two PINs differ."), code="pins_differ"))
        return data


class RegisterForm(PinForm):
    """The PIN, and where Meta keeps messages."""

    region = forms.ChoiceField(
        label=_("Where messages are stored"),
        choices=REGIONS,
        required=False,
        help_text=_("Meta's data localization. It can only be changed by registering again."),
    )
