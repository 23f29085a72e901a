"""Making, re-templating and binding a content; each leaves its audit entry."""

import pytest

from channels_app.content import actions
from channels_app.content.liquid import ExpressionError
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.content import BINDINGS, make_content
from tests.factories.message_templates import make_version
from tests.factories.workspaces import make_workspace

pytestmark = pytest.mark.django_db


def test_a_new_content_is_bound_to_attributes_of_the_same_name(workspace: Workspace, actor: Actor) -> None:
    content = actions.create_content(actor=actor, workspace=workspace, version=make_version(workspace))
    assert content.bindings == {"body.first_name": {"expression": "{{ profile.first_name }}", "fallback": ""}}
    assert AuditEntry.objects.get(action="content.create").object_id == str(content.pk)


def test_binding_keeps_known_slots_only_and_is_audited_by_slot(workspace: Workspace, actor: Actor) -> None:
    content = make_content(workspace, bindings={})
    bindings = {**BINDINGS, "body.gone": {"expression": "x", "fallback": ""}, "body.order_no": "nonsense"}
    actions.bind(actor=actor, workspace=workspace, content=content, bindings=bindings)
    content.refresh_from_db()
    assert content.bindings == {"body.first_name": BINDINGS["body.first_name"]}
    assert AuditEntry.objects.get(action="content.bind").changes == {"slots": ["body.first_name"]}


def test_binding_the_same_again_writes_nothing(workspace: Workspace, actor: Actor) -> None:
    content = make_content(workspace)
    actions.bind(actor=actor, workspace=workspace, content=content, bindings=BINDINGS)
    assert not AuditEntry.objects.exists()


def test_a_looping_expression_is_refused_and_leaves_the_content_whole(workspace: Workspace, actor: Actor) -> None:
    content = make_content(workspace)
    looping = {"body.first_name": {"expression": "{% for i in (1..1000000000) %}x{% endfor %}", "fallback": ""}}
    with pytest.raises(ExpressionError, match="Loops"):
        actions.bind(actor=actor, workspace=workspace, content=content, bindings=looping)
    content.refresh_from_db()
    assert content.bindings == BINDINGS


def test_another_template_keeps_the_bindings_that_fit(workspace: Workspace, actor: Actor) -> None:
    content = make_content(workspace)
    version = make_version(workspace, components=[{"type": "BODY", "text": "{{order_no}} for {{last_name}}"}])
    actions.choose_template(actor=actor, workspace=workspace, content=content, version=version)
    content.refresh_from_db()
    assert content.version_id == version.pk
    assert content.bindings == {
        "body.order_no": BINDINGS["body.order_no"],
        "body.last_name": {"expression": "{{ profile.last_name }}", "fallback": ""},
    }


def test_another_workspaces_template_is_unknown(workspace: Workspace, actor: Actor) -> None:
    version = make_version(make_workspace())
    with pytest.raises(Refused) as caught:
        actions.create_content(actor=actor, workspace=workspace, version=version)
    assert caught.value.status == 404
