"""Forms of subscriptions and outgoing webhooks."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.alerts import failures, hearing
from console.alerts.hearing import Choice
from console.alerts.kinds import KINDS, visible_to
from console.alerts.lists import kind_choices
from console.alerts.models import Emails, Endpoint, Subscription
from console.kit import outbound
from console.kit.forms import KitForm
from console.workspaces.models import Membership


class SubscriptionForm(KitForm):
    """Two fields for each kind that the member may see: the bell, and when to mail."""

    def __init__(self, *args: Any, membership: Membership, subscriptions: list[Subscription], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = visible_to(membership.role)
        choices = hearing.choices_of(membership.role, [KINDS[name] for name in self.names], subscriptions)
        for name in self.names:
            label = str(KINDS[name].label)
            tick = forms.CheckboxInput({"class": "form-check-input", "aria-label": _("Bell: %s") % label})
            select = forms.Select({"class": "form-select w-auto", "aria-label": _("E-mail: %s") % label})
            self.fields[f"{name}:bell"] = forms.BooleanField(
                label=label, required=False, widget=tick, initial=choices[name].in_app
            )
            self.fields[f"{name}:emails"] = forms.ChoiceField(
                label=label, choices=Emails.choices, widget=select, initial=choices[name].emails
            )

    @property
    def groups(self) -> list[dict[str, Any]]:
        """[{label, rows: [{label, bell, emails}]}] for the table."""
        return [
            {
                "label": group,
                "rows": [
                    {"label": label, "bell": self[f"{name}:bell"], "emails": self[f"{name}:emails"]}
                    for name, label in kinds
                ],
            }
            for group, kinds in kind_choices(self.names)
        ]

    def choices(self) -> dict[str, Choice]:
        cleaned = self.cleaned_data
        return {name: Choice(cleaned[f"{name}:bell"], cleaned[f"{name}:emails"]) for name in self.names}


class EndpointForm(KitForm):
    """An outgoing webhook: its name, where it goes, which kinds."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        widget=forms.URLInput,
        help_text=gettext_lazy("Where Waymark posts to, with https. It has to answer 2xx within ten seconds."),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Choose none to get every kind, also those that a later version adds."),
    )

    def __init__(self, *args: Any, endpoint: Endpoint | None = None, **kwargs: Any) -> None:
        if endpoint is not None:
            kwargs["initial"] = {"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds}
        super().__init__(*args, **kwargs)
        grouped = kind_choices(sorted(KINDS))
        self.fields["kinds"].choices = [pair for _group, pairs in grouped for pair in pairs]  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            outbound.judge(url)
        except outbound.AddressRefused as refused:
            raise forms.ValidationError(failures.in_words(refused.code), code=refused.code) from refused
        return url
