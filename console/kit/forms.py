"""Forms of the console: one look, linked errors, and how any Django form's field is described to its template."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise

from console.kit.widgets import PhoneInput, RadioCards, Segmented, SwitchInput

GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


class KitFormMixin:
    """Draws with kit/form.html and names the first field in error; see docs/ui.md, section 5."""

    template_name = "kit/form.html"
    optional_note = True
    required_css_class = ""
    error_css_class = ""

    @property
    def kit_fields(self) -> list[BoundField]:
        return list(self.visible_fields())  # type: ignore[attr-defined]


class KitForm(KitFormMixin, forms.Form):
    """A plain form in the kit's look."""


class KitModelForm(KitFormMixin, forms.ModelForm):
    """A model form in the kit's look."""


@dataclass(frozen=True)
class ErrorLine:
    """One line of the summary: the message and the id of the control it belongs to (empty for the whole form)."""

    message: str
    target_id: str
    label: str | Promise


def error_lines(form: Any) -> list[ErrorLine]:
    """Everything that is wrong with a bound form, form-wide errors first. No queries."""
    if not form.is_bound:
        return []
    lines = [ErrorLine(str(message), "", "") for message in form.non_field_errors()]
    for bound in form:
        for message in bound.errors:
            target = "" if bound.is_hidden else first_control_id(bound)
            lines.append(ErrorLine(str(message), target, bound.label if target else ""))
    return lines


def first_control_id(bound: BoundField) -> str:
    """The id that a link in the summary jumps to: groups focus their first choice."""
    return f"{bound.auto_id}_0" if isinstance(bound.field.widget, GROUPS) else bound.auto_id or ""


def control_kind(widget: forms.Widget) -> str:
    """How the field's template draws a control: switch, checkbox, cards, segmented, group, select or input."""
    if isinstance(widget, SwitchInput):
        return "switch"
    if isinstance(widget, RadioCards):
        return "cards"
    if isinstance(widget, Segmented):
        return "segmented"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, GROUPS):
        return "group"
    return "select" if isinstance(widget, forms.Select) else "input"


def css_class(widget: forms.Widget) -> str:
    """Tabler's class of the control."""
    kind = control_kind(widget)
    if kind == "switch":
        return "form-check-input wm-switch"
    if kind in {"checkbox", "group", "cards", "segmented"}:
        return "form-check-input"
    return "form-select" if kind == "select" else "form-control"


def describe_field(bound: BoundField, attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Context of kit/field.html: the rendered control carries its class, aria-invalid and aria-describedby."""
    widget = bound.field.widget
    kind = control_kind(widget)
    ids = [f"{bound.auto_id}_error"] if bound.errors else []
    if bound.help_text:
        ids.append(f"{bound.auto_id}_help")
    control: dict[str, Any] = {"class": f"{css_class(widget)} {widget.attrs.get('class', '')}".strip()}
    if ids:
        control["aria-describedby"] = " ".join(ids)
    if bound.errors:
        control["aria-invalid"] = "true"
    limit = getattr(bound.field, "max_length", None)
    if limit and isinstance(widget, forms.Textarea):
        control["data-wm-count"] = limit
    if isinstance(widget, PhoneInput):
        control["inputmode"] = "tel"
    control |= {name.replace("_", "-"): value for name, value in attrs.items()}
    is_group = kind in {"group", "cards", "segmented"}
    return {
        "bound": bound,
        "kind": kind,
        "is_group": is_group,
        "control": "" if is_group else bound.as_widget(attrs=control),
        "choices": list(bound.subwidgets) if is_group else [],
        "group_attrs": control,
        "is_optional": not bound.field.required
        and kind not in {"checkbox", "switch"}
        and getattr(bound.form, "optional_note", True),
        "limit": control.get("data-wm-count"),
        "help_id": f"{bound.auto_id}_help",
        "error_id": f"{bound.auto_id}_error",
    }
