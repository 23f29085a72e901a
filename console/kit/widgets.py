"""Controls beyond Django's own; all work without a script."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise

Text = str | Promise


class SwitchInput(forms.CheckboxInput):
    """A checkbox drawn as a switch: for settings that take effect as a whole with the form."""


@dataclass(frozen=True)
class Card:
    """The label of one choice of RadioCards: bold name, one line of text, an optional icon and state."""

    label: Text
    text: Text = ""
    icon: str = ""
    is_disabled: bool = False

    def __str__(self) -> str:
        return str(self.label)


class RadioCards(forms.RadioSelect):
    """Radio buttons as cards; a choice's label may be a Card."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if isinstance(label, Card) and label.is_disabled:
            option["attrs"]["disabled"] = True
        return option


class Segmented(forms.RadioSelect):
    """Two to five short choices side by side."""


class DateTimeInput(forms.DateTimeInput):
    """The browser's own date and time picker, in local time of the active zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class PhoneInput(forms.TextInput):
    """A phone number with the phone keypad on touch."""

    input_type = "tel"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "tel", **(attrs or {})})


class SearchSelect(forms.Select):
    """A native select; long lists open with type-ahead in every browser."""


class TagInput(forms.TextInput):
    """Words separated by commas; the cleaned value of `TagField` is a list."""

    def format_value(self, value: object) -> str | None:
        if isinstance(value, Iterable) and not isinstance(value, str):
            return ", ".join(str(item) for item in value)
        return str(value) if value else None


class TagField(forms.CharField):
    """Comma-separated words as a list without repeats, in the order they were typed."""

    widget = TagInput

    def to_python(self, value: object) -> Any:
        words = value if isinstance(value, list | tuple) else str(value or "").split(",")
        return list(dict.fromkeys(word.strip() for word in words if word.strip()))
