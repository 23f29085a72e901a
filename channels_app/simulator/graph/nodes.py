"""How portfolios, WABAs, numbers and templates look as Graph nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..entities import Number, Portfolio, Template, Waba
from .fields import Tree, select

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]

WABA_DEFAULTS = ("id", "name", "timezone_id", "message_template_namespace")
WABA_OPTIONAL = frozenset(("status", "analytics", "template_analytics", "primary_funding_id"))
NUMBER_DEFAULTS = (
    "verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type",
    "throughput", "webhook_configuration", "id",
)  # fmt: skip
NUMBER_OPTIONAL = frozenset(
    ("certificate", "new_certificate", "new_name_status", "username", "conversational_automation", "search_visibility",
     "eligibility_for_api_business_global_search", "webhook_configuration")
)  # fmt: skip
TEMPLATE_DEFAULTS = ("name", "parameter_format", "components", "language", "status", "category", "id")
TEMPLATE_OPTIONAL = frozenset(
    ("sub_category", "previous_category", "correct_category", "library_template_name", "degrees_of_freedom_spec",
     "optimization_spec", "display_format", "cta_url_link_tracking_opted_out", "message_send_ttl_seconds")
)  # fmt: skip
BLOCKED_STATUSES = frozenset(("BANNED", "DISCONNECTED", "PENDING", "DELETED", "RESTRICTED", "MIGRATED"))


def portfolio_node(portfolio: Portfolio) -> Json:
    """Give a portfolio with all its fields."""
    return {
        "id": portfolio.id,
        "name": portfolio.name,
        "verification_status": portfolio.verification_status,
        "whatsapp_business_manager_messaging_limit": portfolio.limit_tier,
        "marketing_messages_onboarding_status": "ELIGIBLE",
    }


def waba_node(simulator: Simulator, waba: Waba, edges: dict[str, Json]) -> Json:
    """Give a WABA with all its fields; `edges` are expanded lists that were asked for."""
    portfolio = simulator.portfolios[waba.portfolio_id]
    node: Json = {
        "id": waba.id,
        "name": waba.name,
        "currency": waba.currency,
        "timezone_id": waba.timezone_id,
        "country": waba.country,
        "message_template_namespace": waba.namespace,
        "account_review_status": waba.account_review_status,
        "business_verification_status": portfolio.verification_status,
        "ownership_type": "SELF",
        "on_behalf_of_business_info": {
            "id": portfolio.id,
            "name": portfolio.name,
            "status": "APPROVED",
            "type": "SELF",
        },
        "owner_business_info": {"id": portfolio.id, "name": portfolio.name},
        "owner_business": {"id": portfolio.id, "name": portfolio.name},
        "primary_business_location": waba.country,
        "auth_international_rate_eligibility": {"start_time": 0, "exception_countries": []},
        "is_enabled_for_insights": True,
        "marketing_messages_onboarding_status": "ELIGIBLE",
        "whatsapp_business_manager_messaging_limit": portfolio.limit_tier,
        "disable_marketing_messages_on_cloud_api": False,
        "health_status": health(simulator, waba, []),
        **edges,
    }
    if waba.primary_funding_id:
        node["primary_funding_id"] = waba.primary_funding_id
    return node


def number_node(simulator: Simulator, number: Number) -> Json:
    """Give a phone number with all its fields."""
    waba = simulator.wabas[number.waba_id]
    tier = simulator.portfolios[waba.portfolio_id].limit_tier
    connected = number.status == "CONNECTED"
    entity = {"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE"}
    if number.status in BLOCKED_STATUSES:
        entity |= {"can_send_message": "BLOCKED", "errors": [{  # type: ignore[dict-item]
            "error_code": 141000 if number.status == "PENDING" else 141006,
            "error_description": f"The phone number is {number.status}.",
            "possible_solution": "Register the phone number with the Cloud API.",
        }]}  # fmt: skip
    node: Json = {
        "id": number.id,
        "verified_name": number.verified_name,
        "display_phone_number": number.display,
        "quality_rating": number.quality_rating,
        "quality_score": {"score": number.quality_rating},
        "throughput": {"level": number.throughput},
        "whatsapp_business_manager_messaging_limit": tier,
        "messaging_limit_tier": "TIER_1K" if tier == "TIER_2K" else tier,
        "status": number.status,
        "name_status": number.name_status,
        "code_verification_status": number.code_verification_status,
        "account_mode": number.account_mode,
        "platform_type": "CLOUD_API" if connected else "NOT_APPLICABLE",
        "host_platform": "CLOUD_API" if connected else "NOT_APPLICABLE",
        "is_official_business_account": number.is_official_business_account,
        "is_pin_enabled": connected,
        "is_on_biz_app": False,
        "is_preverified_number": False,
        "last_onboarded_time": "2026-09-21T10:00:00+0000",
        "country_code": waba.country,
        "country_dial_code": number.display.split()[0].lstrip("+"),
        "health_status": health(simulator, waba, [entity]),
    }
    urls = webhook_urls(simulator, waba, number)
    if urls:
        node["webhook_configuration"] = urls
    return node


def webhook_urls(simulator: Simulator, waba: Waba, number: Number) -> Json:
    """Give `webhook_configuration`: the URLs of app, WABA and number that exist."""
    urls: Json = {}
    for app_id, override in waba.subscribed.items():
        app = simulator.apps.get(app_id)
        if app and app.callback_url:
            urls["application"] = app.callback_url
        if override.get("override_callback_uri"):
            urls["whatsapp_business_account"] = override["override_callback_uri"]
    if number.override_callback_uri:
        urls["phone_number"] = number.override_callback_uri
    return urls


def template_node(simulator: Simulator, template: Template, base: str) -> Json:
    """Give a template with all its fields; sample handles become addresses of this simulator."""
    components = json.loads(json.dumps(template.components).replace("{host}", base))
    node: Json = {
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "components": components,
        "parameter_format": template.parameter_format,
        "rejected_reason": template.rejected_reason,
        "quality_score": {"score": template.quality, "date": template.updated_at},
        "creation_time": template.created_at,
        "last_updated_time": template.updated_at,
    }
    if template.message_send_ttl_seconds:
        node["message_send_ttl_seconds"] = template.message_send_ttl_seconds
    entity: Json = {"entity_type": "MESSAGE_TEMPLATE", "id": template.id, "can_send_message": "AVAILABLE"}
    if template.status != "APPROVED":
        entity |= {"can_send_message": "BLOCKED", "errors": [{
            "error_code": 141002,
            "error_description": "Only approved templates can be sent.",
            "possible_solution": "Edit or appeal the review decision.",
        }]}  # fmt: skip
    node["health_status"] = health(simulator, simulator.wabas[template.waba_id], [entity])
    return node


def health(simulator: Simulator, waba: Waba, first: list[Json]) -> Json:
    """Give `health_status`: the worst of all entities."""
    entities = list(first)
    state: Json = {"entity_type": "WABA", "id": waba.id, "can_send_message": "AVAILABLE"}
    if waba.restriction or not waba.primary_funding_id:
        code = waba.restriction or 141010
        state |= {"can_send_message": "BLOCKED", "errors": [{
            "error_code": code, "error_description": "The account cannot send messages.",
            "possible_solution": "Check the account in WhatsApp Manager.",
        }]}  # fmt: skip
    entities.append(state)
    entities.append({"entity_type": "BUSINESS", "id": waba.portfolio_id, "can_send_message": "AVAILABLE"})
    entities += [{"entity_type": "APP", "id": app_id, "can_send_message": "AVAILABLE"} for app_id in simulator.apps]
    blocked = any(entity["can_send_message"] == "BLOCKED" for entity in entities)
    return {"can_send_message": "BLOCKED" if blocked else "AVAILABLE", "entities": entities}


def select_waba(node: Json, tree: Tree) -> Json:
    """Choose the asked fields of a WABA."""
    return select(node, tree, WABA_DEFAULTS, "WhatsAppBusinessAccount", WABA_OPTIONAL)


def select_number(node: Json, tree: Tree) -> Json:
    """Choose the asked fields of a phone number."""
    return select(node, tree, NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber", NUMBER_OPTIONAL)


def select_template(node: Json, tree: Tree) -> Json:
    """Choose the asked fields of a template."""
    return select(node, tree, TEMPLATE_DEFAULTS, "WhatsAppBusinessHSM", TEMPLATE_OPTIONAL)
