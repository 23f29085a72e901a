"""How portfolios, WABAs, numbers and templates look as Graph nodes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from ..entities import Number, Portfolio, Template, Waba
from . import health
from .fields import Tree, select

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]

WABA_DEFAULTS = ("id", "name", "timezone_id", "message_template_namespace")
WABA_OPTIONAL = frozenset(("analytics", "template_analytics", "primary_funding_id"))
NUMBER_DEFAULTS = (
    "verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type",
    "throughput", "webhook_configuration", "id",
)  # fmt: skip
NUMBER_OPTIONAL = frozenset(
    ("certificate", "new_certificate", "username", "last_onboarded_time", "conversational_automation", "search_visibility",
     "eligibility_for_api_business_global_search", "webhook_configuration")
)  # fmt: skip
TEMPLATE_DEFAULTS = ("name", "parameter_format", "components", "language", "status", "category", "id")
TEMPLATE_OPTIONAL = frozenset(
    ("sub_category", "previous_category", "correct_category", "library_template_name", "degrees_of_freedom_spec",
     "optimization_spec", "display_format", "cta_url_link_tracking_opted_out", "message_send_ttl_seconds")
)  # fmt: skip


def portfolio_node(portfolio: Portfolio) -> Json:
    """Give a portfolio with all its fields."""
    return {
        "id": portfolio.id,
        "name": portfolio.name,
        "timezone_id": "1",
        "verification_status": portfolio.verification_status,
        "whatsapp_business_manager_messaging_limit": portfolio.limit_tier,
        "marketing_messages_onboarding_status": "ELIGIBLE",
    }


def waba_node(simulator: Simulator, waba: Waba, edges: dict[str, Json], app_id: str) -> Json:
    """Give a WABA with all its fields as an app sees it; `edges` are expanded lists that were asked for."""
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
        "status": "BANNED" if waba.ban_state in ("DISABLE", "DISABLED") else waba.status,
        "auth_international_rate_eligibility": waba.auth_international_rate_eligibility
        or {"start_time": 0, "exception_countries": []},
        "is_enabled_for_insights": True,
        "marketing_messages_onboarding_status": "ELIGIBLE",
        "whatsapp_business_manager_messaging_limit": portfolio.limit_tier,
        "disable_marketing_messages_on_cloud_api": False,
        "health_status": health.health(simulator, waba, [], app_id),
        **edges,
    }
    if waba.primary_funding_id:
        node["primary_funding_id"] = waba.primary_funding_id
    return node


def number_node(simulator: Simulator, number: Number, app_id: str) -> Json:
    """Give a phone number with all its fields as an app sees it."""
    waba = simulator.wabas[number.waba_id]
    tier = simulator.portfolios[waba.portfolio_id].limit_tier
    platform = "NOT_APPLICABLE" if number.status in ("PENDING", "DISCONNECTED", "DELETED") else "CLOUD_API"
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
        "new_name_status": number.new_name_status or "NONE",
        "code_verification_status": number.code_verification_status,
        "account_mode": number.account_mode,
        "platform_type": platform,
        "host_platform": platform,
        "is_official_business_account": number.is_official_business_account,
        "is_pin_enabled": bool(number.pin),
        "is_on_biz_app": False,
        "is_preverified_number": False,
        "country_code": waba.country,
        "country_dial_code": number.display.split()[0].lstrip("+"),
        "health_status": health.health(simulator, waba, [health.of_number(number)], app_id),
    }
    if number.onboarded_at:
        node["last_onboarded_time"] = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(number.onboarded_at))
    if number.username:
        node["username"] = number.username
    urls = webhook_urls(simulator, waba, number, app_id)
    if urls:
        node["webhook_configuration"] = urls
    return node


def webhook_urls(simulator: Simulator, waba: Waba, number: Number, app_id: str) -> Json:
    """Give `webhook_configuration`: the URLs of the asking app, of its WABA override and of the number that exist."""
    urls: Json = {}
    app = simulator.apps.get(app_id)
    if app and app.callback_url:
        urls["application"] = app.callback_url
    override = waba.subscribed.get(app_id) or {}
    if override.get("override_callback_uri"):
        urls["whatsapp_business_account"] = override["override_callback_uri"]
    if number.override_callback_uri:
        urls["phone_number"] = number.override_callback_uri
    return urls


def template_node(simulator: Simulator, template: Template, base: str, app_id: str) -> Json:
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
    first = [health.of_template(template)]
    node["health_status"] = health.health(simulator, simulator.wabas[template.waba_id], first, app_id)
    return node


def select_waba(node: Json, tree: Tree) -> Json:
    """Choose the asked fields of a WABA."""
    return select(node, tree, WABA_DEFAULTS, "WhatsAppBusinessAccount", WABA_OPTIONAL)


def select_number(node: Json, tree: Tree) -> Json:
    """Choose the asked fields of a phone number."""
    return select(node, tree, NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber", NUMBER_OPTIONAL)


def select_template(node: Json, tree: Tree) -> Json:
    """Choose the asked fields of a template."""
    return select(node, tree, TEMPLATE_DEFAULTS, "WhatsAppBusinessHSM", TEMPLATE_OPTIONAL)
