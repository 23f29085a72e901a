"""Forms of profiles, consent, suppressions and imports; every one works without a script."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from console.audiences import attributes, phones, queries
from console.audiences.import_rows import read_country, read_language
from console.audiences.models import Consent, Import, Profile, Purpose
from console.kit import wording
from console.kit.forms import KitForm
from console.kit.widgets import Card, DateTimeInput, PhoneInput, RadioCards, SearchSelect, SwitchInput
from console.workspaces.models import Workspace

EMPTY_ROWS = 2
COUNTRIES = [("", "–"), *((code, code) for code in sorted(phonenumbers.SUPPORTED_REGIONS))]
zone_choices = lazy(lambda: [("", "–"), *((name, name) for name in sorted(available_timezones()))], list)


class ProfileForm(KitForm):
    """A profile's identities and facts; attributes are rows of key, kind and value."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        required=False,
        widget=PhoneInput,
        help_text=_("With + and country code, or as it is dialed in the workspace's own country."),
    )
    external_id = forms.CharField(
        label=_("External id"), max_length=128, required=False, help_text=_("The person's id in your own systems.")
    )
    language = forms.CharField(
        label=_("Language"), max_length=15, required=False, help_text=_("Such as en, ko or pt_BR.")
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=COUNTRIES, required=False, help_text=_("Left open, it comes from the number.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        required=False,
        widget=SearchSelect,
        help_text=_("Left open, it comes from the number."),
    )
    is_test = forms.BooleanField(
        label=_("Test profile"),
        required=False,
        widget=SwitchInput,
        help_text=_("Test profiles appear in previews, so that you see a message before anybody gets it."),
    )

    def __init__(self, *args: Any, workspace: Workspace, profile: Profile | None = None, **kwargs: Any) -> None:
        if profile is not None:
            kwargs["initial"] = {name: getattr(profile, name) or "" for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        self.rows = self._posted_rows() if self.is_bound else self._stored_rows(profile)

    def _posted_rows(self) -> list[dict[str, str]]:
        data: Any = self.data
        columns = (data.getlist(f"attribute_{part}") for part in ("key", "kind", "value"))
        rows = [dict(zip(("key", "kind", "value"), row, strict=True)) for row in zip(*columns, strict=False)]
        return rows[: attributes.MAX_COUNT]

    def _stored_rows(self, profile: Profile | None) -> list[dict[str, str]]:
        stored = profile.attributes if profile else {}
        rows = [
            {"key": key, "kind": attributes.kind_of(value), "value": attributes.show_value(value)}
            for key, value in stored.items()
        ]
        return rows + [{"key": "", "kind": "text", "value": ""}] * EMPTY_ROWS

    def clean_language(self) -> str:
        text = self.cleaned_data["language"]
        if text and not read_language(text):
            raise forms.ValidationError(_("This is not a language code such as en, ko or pt_BR."))
        return read_language(text) if text else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if raw := cleaned.get("phone"):
            try:
                phone = phones.normalize(raw, self.workspace.default_country)
            except phones.PhoneError as error:
                self.add_error("phone", str(error.sentence))
            else:
                cleaned["phone"] = phone.e164
                cleaned["country"] = cleaned.get("country") or phone.country
                cleaned["time_zone"] = cleaned.get("time_zone") or phone.time_zone
        elif not cleaned.get("external_id") and "phone" not in self.errors:
            self.add_error("phone", _("A profile needs a phone number or an external id."))
        cleaned["attributes"] = self._attributes()
        return cleaned

    def _attributes(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for row in self.rows:
            key = row["key"].strip()
            if not key and not row["value"].strip():
                continue
            if not attributes.KEY.fullmatch(key) or key in values:
                row["error"] = str(_("A key has letters, digits and _ only, begins with a letter, and occurs once."))
            elif row["value"].strip():
                try:
                    values[key] = attributes.parse_value(row["value"], row["kind"])
                except ValueError:
                    row["error"] = str(_("The value does not fit the kind."))
        if any("error" in row for row in self.rows):
            self.add_error(None, _("An attribute can't be saved as it is. See the row below."))
        return values


class ConsentForm(KitForm):
    """Consent recorded by hand: always with words on how it is known."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    value = forms.ChoiceField(
        label=_("The person"),
        choices=((Consent.GRANTED.value, _("gave consent")), (Consent.WITHDRAWN.value, _("withdrew consent"))),
    )
    given_at = forms.DateTimeField(
        label=_("When"), required=False, widget=DateTimeInput, help_text=_("Left open, it counts from now.")
    )
    note = forms.CharField(
        label=_("How do you know?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept as evidence: where, how and to what the person agreed or objected."),
    )


class SuppressionForm(KitForm):
    """An address that nobody may write to."""

    address = forms.CharField(label=_("Phone number"), max_length=150, widget=PhoneInput)
    purpose = forms.ChoiceField(label=_("For"), choices=[("", _("Every message")), *Purpose.choices], required=False)
    reason = forms.CharField(label=_("Reason"), max_length=60)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace

    def clean_address(self) -> str:
        try:
            return phones.normalize(self.cleaned_data["address"], self.workspace.default_country).e164
        except phones.PhoneError as error:
            raise forms.ValidationError(str(error.sentence)) from error


class ListForm(KitForm):
    """A new list."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(label=_("Description"), max_length=300, required=False)


class AddToListForm(KitForm):
    """A list to put chosen people into: one that exists or a new one."""

    audience = forms.ChoiceField(label=_("List"))
    name = forms.CharField(label=_("Name of the new list"), max_length=120, required=False)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("new", _("A new list")), *((str(row.pk), row.name) for row in queries.lists(workspace))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("audience") == "new" and not cleaned.get("name", "").strip():
            self.add_error("name", _("Give the new list a name."))
        return cleaned


class ReasonForm(KitForm):
    """Why addresses are closed."""

    reason = forms.CharField(label=_("Reason"), max_length=60)


class ReopenForm(KitForm):
    """Why closed addresses may be written to again."""

    note = forms.CharField(
        label=_("Why may they be written to again?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the audit log. Without consent, they still get no marketing."),
    )


class UploadForm(KitForm):
    """A CSV file."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("The first row holds the names of the columns. Comma, semicolon, tab and | are understood."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        allow_empty_file=True,
    )


class ImportForm(KitForm):
    """What to do with the rows of a file."""

    country = forms.ChoiceField(label=_("Country of numbers without a country code"), choices=COUNTRIES, required=False)
    existing = forms.ChoiceField(
        label=_("Profiles that exist already"),
        widget=RadioCards,
        choices=(
            ("update", Card(_("Update them"), _("Filled cells replace what is known; empty cells erase nothing."))),
            (
                "skip",
                Card(
                    _("Keep them as they are"),
                    _("Their data stays and they still join the audience. Only a withdrawn consent is recorded."),
                ),
            ),
        ),
    )
    audience = forms.ChoiceField(label=_("Add everybody to"), required=False)
    audience_name = forms.CharField(label=_("Name of the new list"), max_length=120, required=False)
    consents = forms.MultipleChoiceField(
        label=_("Consent that everybody in this file has given"),
        choices=Purpose.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None, unless you can show it. A column of the file that says so counts before this."),
    )
    consent_note = forms.CharField(
        label=_("How do you know?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept as evidence with each receipt."),
    )
    consent_on = forms.DateField(
        label=_("Given on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, batch: Import, **kwargs: Any) -> None:
        kwargs["initial"] = {**batch.options}
        super().__init__(*args, **kwargs)
        lists = [(str(audience.pk), audience.name) for audience in queries.lists(batch.workspace)]
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("No list")), ("new", _("A new list")), *lists]

    def options(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        cleaned["consent_on"] = cleaned["consent_on"].isoformat() if cleaned["consent_on"] else ""
        cleaned["country"] = read_country(cleaned["country"]) if cleaned["country"] else ""
        return cleaned


class MergeForm(KitForm):
    """Which of two profiles stays, and whether they become one at all."""

    keep = forms.ChoiceField(
        label=_("Which profile stays?"),
        widget=RadioCards,
        help_text=_("Its values win; what it lacks comes from the other one."),
    )
    do = forms.ChoiceField(choices=(("merge", ""), ("apart", "")), widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, people: Sequence[Profile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made = _("Created %(when)s")
        self.fields["keep"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), Card(str(one), made % {"when": wording.when(one.created_at, in_sentence=True)}))
            for one in people
        ]
        self.fields["keep"].initial = str(people[0].pk)
