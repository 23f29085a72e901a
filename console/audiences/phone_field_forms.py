"""The fields with which a form asks for a chain of phone fields: three choices in order, which work without a script."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.audiences import phone_fields
from console.kit.forms import KitForm

Text = Any  # a text or a lazy translation, as Django's stubs call it privately
NAMES = ("phone_field_1", "phone_field_2", "phone_field_3")
LABELS: tuple[Text, ...] = (_("Phone field"), _("If that is empty"), _("If that is empty too"))


def add_phone_fields(
    form: forms.Form, choices: Sequence[str], *, initial: Sequence[str], empty_label: Text = "", help_text: Text = ""
) -> None:
    """Adds the three choices; `empty_label` of the first says what an empty chain means ("" where it may not be empty)."""
    options = [(field, phone_fields.label(field)) for field in choices]
    for at, (name, label) in enumerate(zip(NAMES, LABELS, strict=True)):
        is_first = at == 0
        empty = [("", empty_label if is_first else _("Nothing more"))] if empty_label or not is_first else []
        form.fields[name] = forms.ChoiceField(
            label=label,
            choices=[*empty, *options],
            required=is_first and not empty_label,
            initial=initial[at] if at < len(initial) else "",
            help_text=help_text if is_first else "",
        )


def chosen(cleaned: Mapping[str, Any]) -> list[str]:
    """The chain that was chosen, without gaps and repeats."""
    return list(dict.fromkeys(field for name in NAMES if (field := cleaned.get(name))))


class PhoneFieldsForm(KitForm):
    """The workspace's default chain."""

    optional_note = False

    def __init__(self, data: Any = None, *, choices: Sequence[str], initial: Sequence[str]) -> None:
        super().__init__(data)
        add_phone_fields(
            self,
            choices,
            initial=initial,
            help_text=_("A message goes to the first of these fields that holds a number."),
        )
