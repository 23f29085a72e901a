"""The form of a replay."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks.lists import FIELD_CHOICES, connections
from console.kit.forms import KitForm
from console.kit.widgets import DateTimeInput
from console.workspaces.models import Workspace

FIRST_YEAR, LAST_YEAR = 2009, 2400  # WhatsApp's first; far enough for a range without an end


class ReplayForm(KitForm):
    """Which stored bodies are applied once more."""

    from_at = forms.DateTimeField(label=gettext_lazy("From"), widget=DateTimeInput())
    until_at = forms.DateTimeField(label=gettext_lazy("Until"), widget=DateTimeInput())
    credentials = forms.ModelChoiceField(
        label=gettext_lazy("Connection"),
        queryset=ApiCredentials.objects.none(),
        required=False,
        empty_label=gettext_lazy("All connections"),
    )
    field = forms.ChoiceField(
        label=gettext_lazy("Field"), required=False, choices=[("", gettext_lazy("All fields")), *FIELD_CHOICES]
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["credentials"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = connections(workspace)

    def clean_from_at(self) -> datetime:
        return self._near("from_at")

    def clean_until_at(self) -> datetime:
        return self._near("until_at")

    def _near(self, name: str) -> datetime:
        at: datetime = self.cleaned_data[name]
        if not FIRST_YEAR <= at.year < LAST_YEAR:
            raise forms.ValidationError(_("Choose a year from 2009 on."))
        return at
