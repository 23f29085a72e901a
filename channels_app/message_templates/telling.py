"""Which changes of a template the workspace hears of: only real ones, whoever told them, webhook or sync. Belongs to actions."""

from dataclasses import dataclass, field
from typing import Any

from channels_app.message_templates.alert_kinds import (
    CATEGORY,
    QUALITY,
    QUALITY_TONES,
    STATUS,
    STATUS_TITLES,
    STATUS_TONES,
)
from channels_app.message_templates.models import TemplateTranslation
from console.alerts.actions import raise_alert
from console.workspaces.models import Workspace

RATINGS = ("", "GREEN", "YELLOW", "RED")


@dataclass(frozen=True)
class Face:
    """What Meta says of one language of a template, at one time."""

    status: str
    quality: str
    category: str
    pending_category: str = ""
    said: dict[str, Any] = field(default_factory=dict)  # why: {reason, rejection, note}


def face_of(row: TemplateTranslation) -> Face:
    return Face(row.status, row.quality_score, row.category, str(row.facts.get("pending_category") or ""))


def tell_changes(workspace: Workspace, translation: TemplateTranslation, name: str, before: Face, after: Face) -> None:
    """Raises an alert for each thing that changed and matters; call it in the transaction of the change."""
    about = {"template_pk": translation.template_id, "name": name, "language": translation.language}
    subject, key = f"{name} ({translation.language})"[:200], str(translation.pk)
    if after.status != before.status and after.status in STATUS_TITLES:
        facts = {**about, **after.said, "before": before.status, "after": after.status}
        tone = STATUS_TONES.get(after.status, "warn")
        raise_alert(workspace, STATUS, key=key, subject=subject, facts=facts, tone=tone)
    if after.category != before.category:
        facts = {**about, "before": before.category, "after": after.category}
        raise_alert(workspace, CATEGORY, key=key, subject=subject, facts=facts)
    elif after.pending_category and after.pending_category != before.pending_category:
        facts = {**about, "before": after.category, "after": after.pending_category, "is_announced": True}
        raise_alert(workspace, CATEGORY, key=key, subject=subject, facts=facts)
    if _has_dropped(before.quality, after.quality):
        facts = {**about, "before": before.quality, "after": after.quality}
        tone = QUALITY_TONES[after.quality]
        raise_alert(workspace, QUALITY, key=key, subject=subject, facts=facts, tone=tone)


def _has_dropped(before: str, after: str) -> bool:
    return after in QUALITY_TONES and (before not in RATINGS or RATINGS.index(after) > RATINGS.index(before))
