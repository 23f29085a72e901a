"""The editor's form: what it shows, keeps and refuses, also while another template is being chosen."""

from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from channels_app.content.forms import ContentForm
from console.workspaces.models import Workspace
from tests.factories.content import make_content
from tests.factories.message_templates import make_template, make_version

pytestmark = pytest.mark.django_db


def post(**values: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(values)
    return data


def test_it_shows_what_is_saved(workspace: Workspace) -> None:
    form = ContentForm(content=make_content(workspace))
    assert [row["placeholder"] for row in form.rows] == ["{{first_name}}", "{{order_no}}"]
    assert 'value="{{ profile.first_name }}"' in str(form.rows[0]["field"])
    assert 'id="slot-body-first_name"' in str(form.rows[0]["field"])
    assert form.findings == []


def test_it_gives_what_was_typed(workspace: Workspace) -> None:
    content = make_content(workspace)
    data = {"version": str(content.version_id), "expression:body.first_name": "Ada", "fallback:body.first_name": "x"}
    form = ContentForm(post(**data, **{"expression:body.order_no": "", "fallback:body.order_no": ""}), content=content)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["version"] == content.version
    assert form.bindings == {"body.first_name": {"expression": "Ada", "fallback": "x"}}
    assert [finding.code for finding in form.findings] == ["slot_unbound"]
    assert "has no value" in str(form.rows[1]["error"])


def test_a_loop_is_refused_at_its_field_and_kept_for_correction(workspace: Workspace) -> None:
    content = make_content(workspace)
    loop = "{% for i in (1..1000000000) %}{% endfor %}"
    form = ContentForm(
        post(**{"version": str(content.version_id), "expression:body.first_name": loop}), content=content
    )
    assert not form.is_valid()
    assert "Loops can't be used here" in form.errors["expression:body.first_name"][0]
    assert "{% for i" in str(form.rows[0]["field"])
    assert 'aria-invalid="true"' in str(form.rows[0]["field"])


def test_choosing_another_template_keeps_the_variables_both_have(workspace: Workspace) -> None:
    content = make_content(workspace)
    other = make_version(workspace, components=[{"type": "BODY", "text": "{{order_no}}, {{last_name}}"}])
    form = ContentForm(post(version=str(content.version_id), pick_version=str(other.pk)), content=content)
    assert form.is_valid(), form.errors
    assert form.chosen == other
    assert form.bindings["body.order_no"]["expression"] == "{{ profile.order_no }}"
    assert form.bindings["body.last_name"]["expression"] == "{{ profile.last_name }}"


def test_only_approved_versions_of_the_senders_account_are_offered_and_the_bound_one_stays(
    workspace: Workspace,
) -> None:
    template = make_template(workspace)
    offered = make_version(workspace, template=template)
    make_version(workspace, template=template, language="ko", status="PAUSED")
    elsewhere = make_version(workspace)
    content = make_content(workspace, version=make_version(workspace, status="PAUSED"))
    form = ContentForm(content=content, account=template.account)
    field: Any = form.fields["version"]
    assert set(field.queryset) == {offered, content.version}
    assert elsewhere not in field.queryset


@pytest.mark.parametrize("wanted", ["", "abc", "99999999999999999999", "0"])
def test_no_or_an_unknown_template(workspace: Workspace, wanted: str) -> None:
    form = ContentForm(post(version=wanted), content=make_content(workspace))
    assert form.is_valid() is (wanted == "")
    assert (form.chosen, form.rows, form.bindings) == (None, [], {})


def test_too_long_values_are_errors_of_the_form(workspace: Workspace) -> None:
    content = make_content(workspace)
    data = post(**{"version": str(content.version_id), "expression:body.first_name": "x" * 700})
    assert "expression:body.first_name" in ContentForm(data, content=content).errors


def test_the_editor_part_shows_rows_findings_and_suggestions(workspace: Workspace) -> None:
    content = make_content(workspace, bindings={})
    form = ContentForm(content=content, attribute_names=["city"])
    html = render_to_string(
        "content/_editor.html", {"content_form": form, "editor_form_id": "composer", "picker_url": "/pick/"}
    )
    assert 'id="slot-body-first_name"' in html and "has no value" in html
    assert '<option value="{{ profile.city }}">City</option>' in html
    assert 'href="/pick/?next=' in html and 'hx-get="/pick/?form=composer"' in html
    assert 'data-wm-insert="{{ profile.city }}" data-wm-into="slot-body-first_name"' in html


def test_a_template_picked_by_link_is_shown_and_not_saved(workspace: Workspace) -> None:
    content = make_content(workspace)
    other = make_version(workspace)
    form = ContentForm(content=content, picked=str(other.pk))
    assert form.chosen == other and form["version"].value() == other.pk
