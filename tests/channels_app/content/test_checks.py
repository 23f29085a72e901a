"""What blocks a send and what advises, each at its field."""

from typing import Any

import pytest

from channels_app.content.checks import anchor_of, check_content
from channels_app.message_templates.models import TemplateTranslation
from console.workspaces.models import Workspace
from tests.factories.audiences import make_profile
from tests.factories.content import make_content
from tests.factories.message_templates import add_version, make_version

pytestmark = pytest.mark.django_db
BUTTONS = {
    "type": "BUTTONS",
    "buttons": [
        {"type": "URL", "text": "Shop", "url": "https://a.example/{{1}}"},
        {"type": "COPY_CODE", "example": "X"},
    ],
}


def codes(content: Any) -> list[str]:
    return [finding.code for finding in check_content(content)]


def one(workspace: Workspace, text: str, expression: str, fallback: str = "") -> Any:
    version = make_version(workspace, components=[{"type": "BODY", "text": text}], parameter_format="POSITIONAL")
    return make_content(
        workspace, version=version, bindings={"body.1": {"expression": expression, "fallback": fallback}}
    )


def test_a_well_bound_content_has_no_findings(workspace: Workspace) -> None:
    assert codes(make_content(workspace)) == []


def test_no_template(workspace: Workspace) -> None:
    content = make_content(workspace)
    content.version = None
    assert codes(content) == ["template_missing"]


@pytest.mark.parametrize("status", ["PAUSED", "REJECTED", "DELETED", "DISABLED", "PENDING", "OTHER"])
def test_only_approved_templates_can_be_sent(workspace: Workspace, status: str) -> None:
    (finding,) = check_content(make_content(workspace, version=make_version(workspace, status=status)))
    assert (finding.code, finding.is_error, finding.anchor) == ("template_not_approved", True, "id_version")


def test_a_newer_version_must_be_chosen_again(workspace: Workspace) -> None:
    content = make_content(workspace)
    assert content.version is not None
    translation = TemplateTranslation.objects.get(pk=content.version.translation_id)
    add_version(translation, [{"type": "BODY", "text": "New {{first_name}} {{order_no}}"}])
    content.version.refresh_from_db()
    assert codes(content) == ["template_changed"]


def test_unsupported_parts_block(workspace: Workspace) -> None:
    version = make_version(workspace, components=[{"type": "BODY", "text": "x"}, {"type": "CAROUSEL", "cards": []}])
    (finding,) = check_content(make_content(workspace, version=version, bindings={}))
    assert finding.code == "template_unsupported" and "carousel" in str(finding.sentence)


def test_unbound_broken_and_without_fallback(workspace: Workspace) -> None:
    assert codes(one(workspace, "Hi {{1}}", "")) == ["slot_unbound"]
    assert codes(one(workspace, "Hi {{1}}", "{% for x in y %}", "there")) == ["expression_tag"]
    (finding,) = check_content(one(workspace, "Hi {{1}}", "{{ profile.city }}"))
    assert (finding.code, finding.is_error, finding.anchor) == ("fallback_missing", True, "slot-body-1-fallback")


def test_a_default_inside_the_expression_is_a_fallback(workspace: Workspace) -> None:
    assert codes(one(workspace, "Hi {{1}}", "{{ profile.city | default: 'town' }}")) == []
    assert codes(one(workspace, "Hi {{1}}", "fixed")) == []


def test_codes_and_links_may_go_without_a_fallback_but_it_is_said(workspace: Workspace) -> None:
    version = make_version(
        workspace, components=[{"type": "BODY", "text": "x"}, BUTTONS], parameter_format="POSITIONAL"
    )
    bindings = {
        "button.0.url": {"expression": "{{ profile.path }}", "fallback": ""},
        "button.1.code": {"expression": "{{ profile.code }}", "fallback": ""},
    }
    findings = check_content(make_content(workspace, version=version, bindings=bindings))
    assert [(one.code, one.severity) for one in findings] == [("fallback_missing", "warning")] * 2


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://a.example/x.png", "value_media_scheme"),
        ("https://10.0.0.1/x.png", "value_media_host"),
        ("https://a.example/x.png", ""),
    ],
)
def test_media_addresses(workspace: Workspace, address: str, code: str) -> None:
    version = make_version(workspace, components=[{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "x"}])
    content = make_content(workspace, version=version, bindings={"header.image": {"expression": address}})
    assert codes(content) == ([code] if code else [])


def test_values_too_long_for_meta(workspace: Workspace) -> None:
    assert "value_long" in codes(one(workspace, "y" * 1000 + "{{1}}", "x" * 30))
    version = make_version(
        workspace, components=[{"type": "BODY", "text": "y" * 1000 + "{{1}} {{2}}"}], parameter_format="POSITIONAL"
    )
    bindings = {key: {"expression": "x" * 20, "fallback": ""} for key in ("body.1", "body.2")}
    assert codes(make_content(workspace, version=version, bindings=bindings)) == ["body_long"]


def test_low_quality_advises(workspace: Workspace) -> None:
    (finding,) = check_content(make_content(workspace, version=make_version(workspace, quality_score="RED")))
    assert (finding.code, finding.is_error) == ("template_quality_low", False)


def test_anchors_are_usable_as_dom_ids() -> None:
    assert anchor_of("body.first_name") == "slot-body-first_name"


def test_an_attribute_that_no_profile_has_is_not_silently_the_fallback(workspace: Workspace) -> None:
    content = one(workspace, "Hi {{1}}, welcome.", "{{ profile.attributes.city }}", "there")
    assert codes(content) == []  # nobody is here yet, so nothing can be said
    make_profile(workspace, attributes={"city": "Leeds"})
    (finding,) = check_content(content)
    assert finding.code == "attribute_unknown" and not finding.is_error and "“attributes”" in str(finding.sentence)
    content.bindings = {"body.1": {"expression": "{{ profile.city | upcase }}", "fallback": "there"}}
    assert codes(content) == []
