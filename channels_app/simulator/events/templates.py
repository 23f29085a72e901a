"""What happens to a message template: status, quality, category, components (reference 4.9)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..entities import Template

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]
PAUSES = {
    "FIRST_PAUSE": "Paused for 3 hours because of low quality.",
    "SECOND_PAUSE": "Paused for 6 hours because of low quality.",
    "RATE_LIMITING_PAUSE": "Paused because it was sent too often.",
}
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
CATEGORY_CHANGE = "category_change"
DAY_S = 86_400.0


def _about(template: Template) -> Json:
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def tell_status(sim: Simulator, template: Template, before: str, given: Json | None = None) -> None:
    """Tell `message_template_status_update`; `given` may hold reason, pause, description, recommendation."""
    given = given or {}
    status = template.status
    value: Json = {"event": status, **_about(template), "reason": given.get("reason") or template.rejected_reason,
                   "message_template_category": template.category}  # fmt: skip
    if status == "REJECTED":
        value["rejection_info"] = {
            "reason": given.get("description", "The template does not follow the format rules."),
            "recommendation": given.get("recommendation", "Separate the variables with words."),
        }
    elif status == "PAUSED":
        title = given.get("pause", "FIRST_PAUSE")
        value["other_info"] = {"title": title, "description": given.get("description") or PAUSES[title]}
    elif status == "APPROVED" and before == "PAUSED":
        value["other_info"] = {"title": "UNPAUSE", "description": "Your template is active again."}
    elif status == "DISABLED":
        value["disable_info"] = {"disable_date": str(int(time.time()))}
        value["other_info"] = {"title": "DISABLED", "description": "Disabled because of repeated low quality."}
    elif status == "PENDING_DELETION":
        value["reason"] = None
    sim.webhooks.account(template.waba_id, "message_template_status_update", value)


def tell_quality(sim: Simulator, template: Template, before: str) -> None:
    """Tell `message_template_quality_update`."""
    value = {"previous_quality_score": before, "new_quality_score": template.quality, **_about(template)}
    sim.webhooks.account(template.waba_id, "message_template_quality_update", value)


def tell_components(sim: Simulator, template: Template) -> None:
    """Tell `message_template_components_update`: header text, body, footer, URL and phone buttons."""
    value = _about(template)
    keys = {"HEADER": "message_template_title", "BODY": "message_template_element", "FOOTER": "message_template_footer"}
    for component in template.components:
        key = keys.get(component["type"])
        if key and component.get("text"):
            value[key] = component["text"]
        if component["type"] == "BUTTONS":
            shown = [_button(button) for button in component["buttons"] if button["type"] in ("URL", "PHONE_NUMBER")]
            if shown:
                value["message_template_buttons"] = shown
    sim.webhooks.account(template.waba_id, "message_template_components_update", value)


def _button(button: Json) -> Json:
    kind = button["type"]
    shown = {"message_template_button_type": kind, "message_template_button_text": button["text"]}
    if kind == "URL":
        shown["message_template_button_url"] = button["url"]
    else:
        shown["message_template_button_phone_number"] = button["phone_number"]
    return shown


def announce_category(sim: Simulator, template: Template, category: str, after_s: float = DAY_S) -> None:
    """Announce a category change, to happen by itself after `after_s` virtual seconds."""
    sim.agenda.cancel(CATEGORY_CHANGE, template.id)
    sim.agenda.add(CATEGORY_CHANGE, template.id, after_s, category=category)
    value = {**_about(template), "new_category": template.category, "correct_category": category,
             "category_update_timestamp": int(time.time() + after_s)}  # fmt: skip
    sim.webhooks.account(template.waba_id, "template_category_update", value)


def change_category(sim: Simulator, template: Template, category: str) -> None:
    """Change the category and tell it."""
    before, template.category = template.category, category
    template.updated_at = int(time.time())
    sim.agenda.cancel(CATEGORY_CHANGE, template.id)
    sim.put(template)
    value = {**_about(template), "previous_category": before, "new_category": category}
    sim.webhooks.account(template.waba_id, "template_category_update", value)


def category_changes(sim: Simulator, template_id: str, data: Json) -> None:
    """Keep the appointment of an announced change."""
    template = sim.templates.get(template_id)
    if template is not None:
        change_category(sim, template, data["category"])
