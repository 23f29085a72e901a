"""The form of a content: the template, and per variable slot an expression with its fallback.

Stands inside the form of a composer (templates/content/_editor.html). Reads what was posted even when another template
has just been chosen: variables that both templates have keep what was typed.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.models import WhatsAppAccount
from channels_app.content import context
from channels_app.content.actions import Bindings, rebind
from channels_app.content.checks import Finding, anchor_of, check_version
from channels_app.content.liquid import MAX_EXPRESSION, ExpressionError, compile_expression
from channels_app.content.models import Content
from channels_app.message_templates import queries, slots
from channels_app.message_templates.models import TemplateVersion
from channels_app.message_templates.slots import MEDIA_KINDS, Slot
from console.kit.forms import KitForm
from console.kit.widgets import SearchSelect

PICKED = "pick_version"  # the name of the buttons in the template picker; wins over the select
SUGGESTIONS_ID = "content-attributes"
_ICONS = {"url_suffix": "link", "code": "copy", "location": "map-pin", "payload": "arrow-back-up"}


class VersionField(forms.ModelChoiceField):
    """Approved template versions, one line each: name, language, category."""

    def label_from_instance(self, obj: Any) -> str:
        translation = obj.translation
        return f"{translation.template.name} · {translation.language.replace('_', '-')} · {translation.category.capitalize()}"


class ContentForm(KitForm):
    """`data` is the POST of the surrounding form; None shows what is saved, with the template `picked` instead if given.

    After is_valid(): `version` (or None) and `bindings` go to `content.actions` (or to the composer's own action).
    `rows` are for {% variable_row %}, `findings` what check_content would say of what stands in the fields now.
    """

    version = VersionField(
        label=_("Template"),
        queryset=TemplateVersion.objects.none(),
        required=False,
        empty_label=_("Choose a template"),
        widget=SearchSelect(attrs={"id": "id_version"}),
    )
    optional_note = False

    def __init__(
        self,
        data: Any = None,
        *,
        content: Content,
        account: WhatsAppAccount | int | None = None,
        category: str = "",
        attribute_names: Sequence[str] = (),
        picked: str = "",
    ) -> None:
        self.content = content
        self.picked = picked
        self.notes: dict[str, str] = {}  # slot key -> a line below the variable, given by the composer
        self.suggestions = context.suggestions(attribute_names)
        choices = self._choices(account, category)
        self.chosen: TemplateVersion | None = self._chosen(data, choices)
        self.slots = slots.load(self.chosen.slots) if self.chosen else []
        if data is not None:
            data = data.copy()
            data["version"] = str(self.chosen.pk) if self.chosen else data.get(PICKED) or data.get("version", "")
            for name, value in self._unposted(data).items():
                data[name] = value
        super().__init__(data, initial={"version": self._picked_pk, **self._initial()})
        field = self.fields["version"]
        assert isinstance(field, VersionField)
        field.queryset = choices
        for slot in self.slots:
            if not slot.same_as:
                self._add_fields(slot)

    # --- what is shown -----------------------------------------------------------------------------------------
    @property
    def rows(self) -> list[dict[str, Any]]:
        """The variables for {% variable_row %}, required ones first in the message's order."""
        problems = self._problems()
        shown = [slot for slot in self.slots if not slot.same_as]
        return [self._row(slot, problems.get(slot.key)) for slot in sorted(shown, key=lambda one: not one.required)]

    @property
    def required_rows(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["slot"].required]

    @property
    def optional_rows(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if not row["slot"].required]

    @property
    def findings(self) -> list[Finding]:
        """What the checker says of the values as they stand in the fields. No query beyond the form's own."""
        return check_version(self.chosen, self.bindings) if self.chosen else []

    @property
    def bindings(self) -> Bindings:
        """{slot key: {"expression", "fallback"}} as it stands in the fields, saved or not."""
        values = {}
        for slot in self.slots:
            if not slot.same_as:
                pair = {part: str(self[_name(slot.key, part)].value() or "") for part in ("expression", "fallback")}
                if any(pair.values()):
                    values[slot.key] = pair
        return values

    # --- checking ----------------------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        """Expressions that can't be parsed are errors of their field; everything else is a finding, not an error."""
        cleaned = super().clean() or {}
        for slot in self.slots:
            name = _name(slot.key, "expression")
            if slot.same_as or name in self.errors:
                continue
            try:
                compile_expression(cleaned.get(name) or "")
            except ExpressionError as error:
                self.add_error(name, str(error.sentence))
        return cleaned

    # --- building ----------------------------------------------------------------------------------------------
    def _choices(self, account: WhatsAppAccount | int | None, category: str) -> Any:
        sendable = queries.sendable_versions(self.content.workspace, category, account=account)
        mine = TemplateVersion.objects.filter(translation__workspace=self.content.workspace)
        return (
            mine.filter(Q(pk__in=sendable.order_by().values("pk")) | Q(pk=self.content.version_id))
            .select_related("translation__template")
            .order_by("translation__template__name", "translation__language", "number")
        )

    def _chosen(self, data: Any, choices: Any) -> TemplateVersion | None:
        if data is None or not (PICKED in data or "version" in data):
            wanted = self.picked or str(self.content.version_id or "")
        else:
            wanted = str(data.get(PICKED) or data.get("version") or "")
        if not wanted.isdecimal() or len(wanted) > 18:
            return None
        return choices.filter(pk=int(wanted)).first()

    @property
    def _picked_pk(self) -> int | None:
        return self.chosen.pk if self.chosen else self.content.version_id

    def _unposted(self, data: Any) -> dict[str, str]:
        """Values for the fields that the browser could not post because their template was not shown yet."""
        initial = self._initial()
        names = [_name(slot.key, part) for slot in self.slots for part in ("expression", "fallback")]
        return {name: initial.get(name, "") for name in names if name not in data}

    def _initial(self) -> dict[str, str]:
        if self.chosen is None:
            return {}
        same = self.chosen.pk == self.content.version_id
        bindings = self.content.bindings if same else rebind(self.content.bindings, self.chosen)
        return {_name(key, part): text for key, pair in bindings.items() for part, text in pair.items()}

    def _add_fields(self, slot: Slot) -> None:
        anchor = anchor_of(slot.key)
        expression = {
            "id": anchor,
            "class": "form-control wm-mono",
            "list": SUGGESTIONS_ID,
            "autocomplete": "off",
            "spellcheck": "false",
            "placeholder": _placeholder(slot),
            "aria-label": _("Value of %(name)s") % {"name": slot.label},
        }
        fallback = {
            "id": f"{anchor}-fallback",
            "class": "form-control",
            "placeholder": _("No fallback"),
            "aria-label": _("Fallback of %(name)s") % {"name": slot.label},
        }
        self.fields[_name(slot.key, "expression")] = forms.CharField(
            required=False, max_length=MAX_EXPRESSION, widget=forms.TextInput(attrs=expression)
        )
        self.fields[_name(slot.key, "fallback")] = forms.CharField(
            required=False, max_length=max(slot.max_length, 1), widget=forms.TextInput(attrs=fallback)
        )

    def _problems(self) -> dict[str, Finding]:
        """The first finding of each slot, errors before warnings."""
        problems: dict[str, Finding] = {}
        for finding in self.findings:
            if finding.slot:
                problems.setdefault(finding.slot, finding)
        return problems

    def _row(self, slot: Slot, problem: Finding | None) -> dict[str, Any]:
        expression, fallback = self[_name(slot.key, "expression")], self[_name(slot.key, "fallback")]
        typed = [*expression.errors, *fallback.errors] if self.is_bound else []
        error = typed[0] if typed else problem.sentence if problem and problem.is_error else ""
        _mark(expression, is_bad=bool(expression.errors if self.is_bound else ()) or _is_at(problem, slot, ""))
        _mark(fallback, is_bad=_is_at(problem, slot, "-fallback"))
        return {
            "slot": slot,
            "placeholder": slot.placeholder,
            "label": slot.label,
            "icon": _ICONS.get(slot.kind, "photo" if slot.kind in MEDIA_KINDS else "user"),
            "field": expression,
            "fallback": fallback,
            "error": error,
            "warning": problem.sentence if problem and not problem.is_error else "",
            "action_url": f"#{anchor_of(slot.key)}-fallback" if problem and problem.code == "fallback_missing" else "",
            "example": slot.example,
            "inserts": self.suggestions,
            "insert_into": anchor_of(slot.key),
            "note_id": missing_id(slot.key),
            "note": self.notes.get(slot.key, ""),
        }


def missing_id(slot_key: str) -> str:
    """The DOM id of the line below a variable that says how many people have no value for it."""
    return f"{anchor_of(slot_key)}-missing"


def _is_at(problem: Finding | None, slot: Slot, suffix: str) -> bool:
    return problem is not None and problem.is_error and problem.anchor == anchor_of(slot.key) + suffix


def _mark(bound: forms.BoundField, *, is_bad: bool) -> None:
    if is_bad:
        bound.field.widget.attrs |= {"aria-invalid": "true"}
        bound.field.widget.attrs["class"] += " is-invalid"


def _name(key: str, part: str) -> str:
    return f"{part}:{key}"


def _placeholder(slot: Slot) -> str:
    if slot.kind in MEDIA_KINDS:
        return "https://…"
    if slot.place == "body" or slot.kind == "text":
        return slot.example
    return {"location": "51.5136", "payload": str(_("The button’s own text"))}.get(slot.kind, slot.example)


class PickerForm(KitForm):
    """The filters of the template picker; what is not understood is ignored."""

    q = forms.CharField(label=_("Name"), required=False, max_length=200)
    category = forms.ChoiceField(
        label=_("Category"),
        required=False,
        choices=(
            ("", _("All categories")),
            ("MARKETING", _("Marketing")),
            ("UTILITY", _("Utility")),
            ("AUTHENTICATION", _("Authentication")),
        ),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    optional_note = False

    def __init__(self, data: Any = None, *, languages: Sequence[str]) -> None:
        super().__init__(data)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All languages")), *((code, code.replace("_", "-")) for code in languages)]
