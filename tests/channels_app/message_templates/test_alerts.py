"""What the workspace hears of its templates: each real change once, whoever told it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels_app.message_templates.actions import apply_template_event
from channels_app.message_templates.models import TemplateTranslation
from channels_app.message_templates.nodes import read_node
from channels_app.message_templates.syncing import apply_batch, mark_deleted
from console.alerts.kinds import KINDS
from console.alerts.models import Alert, Notification
from console.alerts.words import Worded
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.message_templates import make_version
from tests.factories.workspaces import make_member

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATUS = "message_template_status_update"
QUALITY = "message_template_quality_update"
CATEGORY = "template_category_update"


@pytest.fixture
def translation(workspace: Workspace, owner: User) -> TemplateTranslation:
    return make_version(workspace, meta_id="540000000000006").translation


def event(workspace: Workspace, field: str = STATUS, at: datetime | None = None, **value: Any) -> None:
    assert apply_template_event(workspace, field, {"message_template_id": 540000000000006, **value}, at=at)


def said() -> list[tuple[str, str, str, str]]:
    """(kind, tone, title, text) of every alert, oldest first."""
    rows = Alert.objects.select_related("workspace").order_by("pk")
    worded = [Worded(row, row.workspace.slug) for row in rows]
    return [(one.alert.kind, one.alert.tone, str(one.title), str(one.text)) for one in worded]


def listed(translation: TemplateTranslation, at: datetime = AT, **changes: Any) -> None:
    """Meta's list names the template so."""
    template = translation.template
    row = {
        "id": translation.meta_id,
        "name": template.name,
        "language": translation.language,
        "status": translation.status,
        "category": translation.category,
        "components": translation.version.components if translation.version else [],
        "parameter_format": translation.parameter_format,
        "quality_score": {"score": translation.quality_score or "UNKNOWN"},
        **changes,
    }
    node = read_node(row)
    assert node is not None
    apply_batch(template.account, [node], at=at)


@pytest.mark.parametrize(
    ("value", "tone", "title", "text"),
    [
        (
            {
                "event": "REJECTED",
                "reason": "INVALID_FORMAT",
                "rejection_info": {"reason": "Two variables touch.", "recommendation": "Separate them."},
            },
            "bad",
            "Meta rejected",
            "Two variables touch. Separate them.",
        ),
        ({"event": "REJECTED", "reason": "PROMOTIONAL"}, "bad", "Meta rejected", "promotional"),
        (
            {"event": "PAUSED", "other_info": {"title": "FIRST_PAUSE", "description": "Paused for 3 hours."}},
            "warn",
            "Meta paused",
            "Paused for 3 hours.",
        ),
        ({"event": "DISABLED"}, "bad", "Meta disabled", "Nothing can be sent"),
        ({"event": "PENDING_DELETION", "reason": None}, "warn", "being deleted", "Choose another"),
        ({"event": "ARCHIVED"}, "warn", "archived", "28 days"),
    ],
)
def test_what_meta_decides_is_told_with_its_reason(
    workspace: Workspace, translation: TemplateTranslation, value: dict[str, Any], tone: str, title: str, text: str
) -> None:
    event(workspace, **value)
    [(kind, said_tone, said_title, said_text)] = said()
    assert (kind, said_tone) == ("templates.status", tone)
    assert title in said_title
    assert translation.template.name in said_title
    assert text in said_text
    assert Worded(Alert.objects.select_related("workspace").get(), workspace.slug).url.endswith(
        f"/templates/{translation.template_id}/"
    )


def test_an_approval_is_good_news(workspace: Workspace, translation: TemplateTranslation) -> None:
    TemplateTranslation.objects.update(status="PENDING")
    event(workspace, event="APPROVED", reason="NONE")
    [(kind, tone, title, _text)] = said()
    assert (kind, tone) == ("templates.status", "info")
    assert "approved" in title


def test_only_a_real_change_is_told_whoever_tells_it(workspace: Workspace, translation: TemplateTranslation) -> None:
    for _twice in range(2):
        event(workspace, event="REJECTED", reason="SCAM")
    translation.refresh_from_db()
    listed(translation, rejected_reason="SCAM")
    assert len(said()) == 1
    event(workspace, event="FLAGGED")
    assert len(said()) == 1


def test_a_replay_of_old_events_tells_nothing_and_changes_nothing(
    workspace: Workspace, translation: TemplateTranslation
) -> None:
    told = [
        (STATUS, {"event": "REJECTED", "reason": "SCAM"}),
        (STATUS, {"event": "APPROVED", "reason": "NONE"}),
        (QUALITY, {"new_quality_score": "YELLOW"}),
        (QUALITY, {"new_quality_score": "GREEN"}),
    ]
    for _replayed in range(3):
        for minute, (field, value) in enumerate(told):
            event(workspace, field, AT + timedelta(minutes=minute), **value)
    translation.refresh_from_db()
    assert (translation.status, translation.quality_score) == ("APPROVED", "GREEN")
    assert [kind for kind, *_rest in said()] == ["templates.status", "templates.status", "templates.quality"]
    listed(translation)
    translation.refresh_from_db()
    assert translation.facts["told_at"]["status"] == int((AT + timedelta(minutes=1)).timestamp())


@pytest.mark.parametrize(
    ("before", "after", "tone"),
    [
        ("GREEN", "YELLOW", "warn"),
        ("", "RED", "bad"),
        ("YELLOW", "RED", "bad"),
        ("RED", "GREEN", ""),
        ("", "GREEN", ""),
    ],
)
def test_quality_is_told_when_it_drops(
    workspace: Workspace, translation: TemplateTranslation, before: str, after: str, tone: str
) -> None:
    TemplateTranslation.objects.update(quality_score=before)
    event(workspace, QUALITY, previous_quality_score=before, new_quality_score=after)
    assert [(kind, said_tone) for kind, said_tone, *_rest in said()] == ([("templates.quality", tone)] if tone else [])


def test_a_category_is_told_when_announced_and_when_changed(
    workspace: Workspace, translation: TemplateTranslation
) -> None:
    TemplateTranslation.objects.update(category="UTILITY")
    announced = {"new_category": "UTILITY", "correct_category": "MARKETING", "category_update_timestamp": 1795517400}
    for _twice in range(2):
        event(workspace, CATEGORY, **announced)
    event(workspace, CATEGORY, previous_category="UTILITY", new_category="MARKETING")
    titles = [title for _kind, _tone, title, _text in said()]
    assert len(titles) == 2
    assert "will make" in titles[0]
    assert "Marketing" in titles[0]
    assert "Meta made" in titles[1]


def test_a_sync_tells_what_no_webhook_told(workspace: Workspace, translation: TemplateTranslation) -> None:
    listed(translation, status="DISABLED", quality_score={"score": "RED"}, correct_category="UTILITY")
    assert sorted(kind for kind, *_rest in said()) == ["templates.category", "templates.quality", "templates.status"]
    translation.refresh_from_db()
    listed(translation, at=AT + timedelta(hours=1), correct_category="UTILITY")
    assert len(said()) == 3


def test_a_first_sync_tells_nothing_and_a_vanished_template_is_told(
    workspace: Workspace, translation: TemplateTranslation
) -> None:
    account = translation.template.account
    node = read_node({"id": "540000000000777", "name": "fresh", "language": "en", "status": "REJECTED"})
    assert node is not None
    apply_batch(account, [node], at=AT)
    assert said() == []
    TemplateTranslation.objects.filter(pk=translation.pk).update(seen_at=AT - timedelta(days=1))
    for _twice in range(2):
        mark_deleted(account, before=AT)
    [(kind, tone, title, _text)] = said()
    assert (kind, tone) == ("templates.status", "warn")
    assert "deleted" in title


def test_who_may_manage_templates_hears_of_it(workspace: Workspace, translation: TemplateTranslation) -> None:
    marketer, viewer = make_member(workspace, Role.MARKETER), make_member(workspace, Role.VIEWER)
    event(workspace, event="DISABLED")
    told = set(Notification.objects.values_list("user_id", flat=True))
    assert marketer.pk in told
    assert viewer.pk not in told
    assert KINDS["templates.status"].capability == "templates.view"
