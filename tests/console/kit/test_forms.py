"""Forms: every control is labelled, errors are tied to it and listed with links, what was typed stays."""

import re

from django import forms
from django.template import Context, Template
from django.utils.datastructures import MultiValueDict

from console.kit.forms import KitForm, error_lines
from console.kit.widgets import Card, RadioCards, Segmented, SwitchInput, TagField


class SenderForm(KitForm):
    name = forms.CharField(label="Name", help_text="Authors pick it.")
    note = forms.CharField(label="Note", widget=forms.Textarea, max_length=60, required=False)
    zone = forms.ChoiceField(label="Zone", choices=[("a", "A")])
    account = forms.ChoiceField(
        label="Account", widget=RadioCards, choices=[("1", Card("EU", "EUR")), ("2", Card("APAC", is_disabled=True))]
    )
    category = forms.ChoiceField(label="Category", widget=Segmented, choices=[("m", "Marketing"), ("u", "Utility")])
    quiet = forms.BooleanField(label="Quiet hours", widget=SwitchInput, required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)
    tags = TagField(label="Tags", required=False)

    def clean(self) -> None:
        raise forms.ValidationError("The account is being reviewed.")


def draw(source: str, form: forms.BaseForm) -> str:
    return Template("{% load kit %}" + source).render(Context({"form": form}))


def test_label_help_and_control_belong_together() -> None:
    html = draw("{% field form.name %}", SenderForm())
    assert '<label class="wm-label" for="id_name">Name' in html
    assert 'aria-describedby="id_name_help"' in html
    assert '<p class="wm-help" id="id_name_help">Authors pick it.</p>' in html
    assert "aria-invalid" not in html
    assert "form-control" in html


def test_an_error_is_tied_to_its_control_and_the_typed_value_stays() -> None:
    html = draw("{% field form.zone %}{% field form.name %}", SenderForm({"zone": "zz", "name": ""}))
    assert html.count('aria-invalid="true"') == 2
    assert 'aria-describedby="id_name_error id_name_help"' in html
    assert 'id="id_zone_error"' in html


def test_the_summary_takes_the_focus_and_links_to_each_control() -> None:
    form = SenderForm({"zone": "zz", "name": ""})
    html = draw("{% form_errors form %}", form)
    assert 'tabindex="-1" data-wm-focus' in html
    assert 'href="#id_name"' in html
    assert 'href="#id_account_0"' in html
    assert html.index("The account is being reviewed.") < html.index('href="#id_name"')
    assert all(
        f'id="{line.target_id}"' in draw("{% include 'kit/form.html' %}", form)
        for line in error_lines(form)
        if line.target_id
    )


def test_a_form_without_errors_has_no_summary() -> None:
    assert "wm-error-summary" not in draw("{% form_errors form %}", SenderForm())


def test_only_fields_that_may_be_empty_say_so() -> None:
    form = SenderForm()
    assert "optional" in draw("{% field form.note %}", form)
    assert "optional" not in draw("{% field form.name %}{% field form.quiet %}", form)


def test_groups_are_fieldsets_with_a_legend() -> None:
    html = draw("{% field form.account %}", SenderForm({"account": "1"}))
    assert "<fieldset" in html
    assert '<legend class="wm-label">Account' in html
    assert re.search(r'value="1"[^>]*checked', html)
    assert re.search(r'value="2"[^>]*disabled', html)
    assert "<small>EUR</small>" in html
    assert "wm-segmented" in draw("{% field form.category %}", SenderForm())


def test_extra_attributes_reach_the_control() -> None:
    html = draw('{% field form.name autofocus=True data_wm_submit=True suffix="per second" %}', SenderForm())
    assert "autofocus" in html
    assert "data-wm-submit" in html
    assert "per second" in html


def test_a_redisplayed_form_keeps_its_idempotency_key() -> None:
    again = draw("{% idempotency_key form %}", SenderForm({"idempotency_key": "k-1"}))
    assert 'value="k-1"' in again
    first, second = (draw("{% idempotency_key %}", SenderForm()) for _ in range(2))
    assert first != second


def test_the_whole_form_draws_hidden_fields_and_its_button_once() -> None:
    html = draw('{% include "kit/form.html" with submit="Save sender" %}', SenderForm())
    assert html.count('name="secret"') == 1
    assert html.count("<button") == 1
    assert "novalidate data-wm-guard" in html


def test_tags_are_words_without_repeats() -> None:
    form = SenderForm(MultiValueDict({"tags": [" a, b,, a "]}))
    form.is_valid()
    assert form.cleaned_data["tags"] == ["a", "b"]
