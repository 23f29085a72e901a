"""Template webhooks: statuses, quality and categories are taken over once; unknown ones ask for a sync."""

from typing import Any

import pytest

from channels_app.message_templates.actions import apply_template_event
from channels_app.message_templates.models import TemplateSync, TemplateTranslation
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.message_templates import make_account, make_version
from tests.factories.workspaces import make_workspace

pytestmark = pytest.mark.django_db
STATUS = "message_template_status_update"


@pytest.fixture
def translation(workspace: Workspace) -> TemplateTranslation:
    return make_version(workspace, meta_id="540000000000006").translation


def event(workspace: Workspace, field: str = STATUS, **value: Any) -> bool:
    return apply_template_event(workspace, field, {"message_template_id": 540000000000006, **value})


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("REJECTED", "REJECTED"),
        ("PAUSED", "PAUSED"),
        ("DISABLED", "DISABLED"),
        ("PENDING_DELETION", "PENDING_DELETION"),
        ("ARCHIVED", "ARCHIVED"),
        ("REINSTATED", "APPROVED"),
        ("FLAGGED", "APPROVED"),
        ("BRAND_NEW", "OTHER"),
    ],
)
def test_statuses(workspace: Workspace, translation: TemplateTranslation, said: str, status: str) -> None:
    assert event(workspace, event=said, reason=None)
    translation.refresh_from_db()
    assert translation.status == status


def test_a_rejection_keeps_metas_own_words(workspace: Workspace, translation: TemplateTranslation) -> None:
    info = {"reason": "Two variables touch.", "recommendation": "Separate them."}
    event(workspace, event="REJECTED", reason="INVALID_FORMAT", rejection_info=info)
    translation.refresh_from_db()
    assert (translation.rejected_reason, translation.facts["rejection"]) == ("INVALID_FORMAT", info)
    event(workspace, event="APPROVED", reason="NONE")
    translation.refresh_from_db()
    assert (translation.rejected_reason, translation.facts) == ("", {})


def test_a_doubled_event_changes_nothing(workspace: Workspace, translation: TemplateTranslation) -> None:
    for _ in range(2):
        event(workspace, event="PAUSED", reason="NONE", other_info={"title": "FIRST_PAUSE", "description": "3 hours"})
    assert AuditEntry.objects.filter(action="message_templates.status_changed").count() == 1


@pytest.mark.parametrize("field", ["message_template_quality_update", STATUS])
def test_quality_under_either_field_name(workspace: Workspace, translation: TemplateTranslation, field: str) -> None:
    event(workspace, field, previous_quality_score="GREEN", new_quality_score="YELLOW")
    translation.refresh_from_db()
    assert (translation.quality_score, translation.status) == ("YELLOW", "APPROVED")


def test_categories_are_announced_and_then_changed(workspace: Workspace, translation: TemplateTranslation) -> None:
    field = "template_category_update"
    event(workspace, field, new_category="UTILITY", correct_category="MARKETING", category_update_timestamp=1795517400)
    translation.refresh_from_db()
    assert translation.category == "UTILITY"
    assert translation.facts == {"pending_category": "MARKETING", "pending_category_at": "2026-11-24T10:50:00+00:00"}
    event(workspace, field, previous_category="UTILITY", new_category="MARKETING")
    translation.refresh_from_db()
    assert (translation.category, translation.template.category) == ("MARKETING", "MARKETING")
    assert translation.facts == {"previous_category": "UTILITY"}


def test_an_unknown_template_or_an_edit_asks_for_a_sync(workspace: Workspace, translation: TemplateTranslation) -> None:
    assert not apply_template_event(workspace, STATUS, {"message_template_id": 1, "event": "APPROVED"})
    assert TemplateSync.objects.filter(workspace=workspace).count() == 1
    assert event(workspace, "message_template_components_update", message_template_element="New")


def test_another_workspaces_template_is_never_touched(workspace: Workspace, translation: TemplateTranslation) -> None:
    other = make_workspace()
    make_account(other)
    assert not event(other, event="DISABLED")
    translation.refresh_from_db()
    assert translation.status == "APPROVED"


@pytest.mark.parametrize(
    "value", [{}, {"event": None}, {"rejection_info": "x", "other_info": []}, {"new_quality_score": 5}]
)
def test_odd_values_break_nothing(
    workspace: Workspace, translation: TemplateTranslation, value: dict[str, Any]
) -> None:
    event(workspace, **value)
