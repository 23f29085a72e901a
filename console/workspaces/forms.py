"""Forms of workspaces, members, people and one's own account."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import validate_slug
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from console.kit.forms import KitForm
from console.kit.widgets import SearchSelect, Segmented, SwitchInput
from console.workspaces.countries import country_choices
from console.workspaces.roles import Role

LANGUAGES = [("", _("Like the browser")), ("en", "English"), ("ko", "한국어")]
THEMES = [("auto", _("Automatic")), ("light", _("Light")), ("dark", _("Dark"))]


def zone_choices() -> list[tuple[str, str]]:
    """Every time zone this machine knows, UTC first."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def named_countries() -> list[tuple[str, Any]]:
    return [("", _("None: numbers must start with + and the country code")), *country_choices(get_language() or "en")]


class WorkspaceForm(KitForm):
    """Settings of a workspace that its owner may change."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What members see in the workspace switcher."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        widget=SearchSelect,
        help_text=_("Pages and schedules show times in this zone."),
    )
    default_country = forms.ChoiceField(
        label=_("Country of local phone numbers"),
        choices=named_countries,
        required=False,
        widget=SearchSelect,
        help_text=_("An imported number without a country code is read as a number of this country."),
    )


class MemberForm(KitForm):
    """Adds a member by e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "off"})
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MARKETER)


class RoleForm(KitForm):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class NewWorkspaceForm(WorkspaceForm):
    """Staff make a workspace and name its first owner."""

    slug = forms.CharField(
        label=_("Address"),
        max_length=60,
        required=False,
        validators=[validate_slug],
        help_text=_(
            "The last part of the workspace's address: letters, digits and hyphens. Made from the name if empty."
        ),
    )
    owner_email = forms.EmailField(label=_("E-mail address of the first owner"), max_length=254)
    owner_name = forms.CharField(label=_("Name of the first owner"), max_length=120, required=False)
    field_order = ("name", "slug", "owner_email", "owner_name", "time_zone", "default_country")

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]).lower()


class PersonForm(KitForm):
    """Staff make an account."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    is_staff = forms.BooleanField(
        label=_("Staff"),
        required=False,
        widget=SwitchInput,
        help_text=_("Staff run the installation: they make workspaces and open features."),
    )


class AccountForm(KitForm):
    """One's own name, language and theme."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False, widget=Segmented)
    theme = forms.ChoiceField(label=_("Appearance"), choices=THEMES, widget=Segmented)


class LanguageForm(forms.Form):
    """The shell's language switch."""

    language = forms.ChoiceField(choices=LANGUAGES, required=False)


class ThemeForm(forms.Form):
    """The shell's appearance switch."""

    theme = forms.ChoiceField(choices=THEMES)
