"""What Meta does to accounts and numbers: the node changes, the webhook tells in Meta's shape (reference 4.10)."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from channels_app.simulator import world
from channels_app.simulator.events.accounts import EVENTS
from channels_app.simulator.graph.apps import WEBHOOK_FIELDS
from channels_app.simulator.webhooks import sign

from .harness import Lab, run

Json = dict[str, Any]
WABA = f"/_control/wabas/{world.WABA_ID}"
NUMBER = f"/_control/numbers/{world.PHONE_ID}"
PORTFOLIO = f"/_control/portfolios/{world.PORTFOLIO_ID}"
ALL_FIELDS = ",".join(sorted(WEBHOOK_FIELDS))


async def node(lab: Lab, object_id: str, fields: str) -> Json:
    return dict((await lab.get(f"/v26.0/{object_id}?fields={fields}"))[1])


async def health(lab: Lab, object_id: str = world.PHONE_ID) -> dict[str, Json]:
    found = (await node(lab, object_id, "health_status"))["health_status"]
    return {item["entity_type"]: item for item in found["entities"]} | {"": found}


async def one(lab: Lab, field: str) -> Json:
    await lab.until(lambda: lab.told(field))
    return lab.told(field)[0]


EXTRA: dict[str, dict[str, set[str] | None]] = {
    "ACCOUNT_VIOLATION": {"violation_info": {"violation_type"}},
    "ACCOUNT_RESTRICTION": {"restriction_info": {"restriction_type", "expiration", "remediation"}},
    "DISABLED_UPDATE": {"ban_info": {"waba_ban_state", "waba_ban_date"}},
    "VOLUME_BASED_PRICING_TIER_UPDATE": {
        "volume_tier_info": {"tier_update_time", "pricing_category", "tier", "effective_month", "region"}
    },
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": {"country": None},
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": {
        "auth_international_rate_eligibility": {"start_time", "exception_countries"}
    },
    "AD_ACCOUNT_LINKED": {"waba_info": {"waba_id", "owner_business_id", "ad_account_linked"}},
    "PARTNER_REMOVED": {
        "waba_info": {"waba_id", "owner_business_id"}, "disconnection_info": {"reason", "initiated_by"},
    },
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE": {
        "partner_client_certification_info": {"client_business_id", "status", "rejection_reasons"}
    },
    **{name: {"waba_info": {"waba_id", "owner_business_id"}} for name in (
        "MM_LITE_TERMS_SIGNED", "PARTNER_ADDED", "PARTNER_APP_INSTALLED", "PARTNER_APP_UNINSTALLED")},
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
def test_every_account_update_has_its_extra_object(event: str) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        assert (await lab.post(f"{WABA}/update", {"event": event}))[0] == 200
        value = await one(lab, "account_update")
        assert value.pop("event") == event
        wanted = EXTRA.get(event, {})
        assert set(value) == set(wanted)
        for key, keys in wanted.items():
            given = value[key][0] if isinstance(value[key], list) else value[key]
            assert keys is None or set(given) == keys

    run(check)


def test_the_envelope_names_the_account_and_the_time() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{WABA}/review", {"decision": "REJECTED"})
        value = await one(lab, "account_review_update")
        assert value == {"decision": "REJECTED"}
        assert re.search(rb'"entry":\[\{"id":"210100000000002","time":\d{10},"changes"', lab.posts[0][1])
        assert (await node(lab, world.WABA_ID, "account_review_status"))["account_review_status"] == "REJECTED"

    run(check)


@pytest.mark.parametrize("code", [368, 131031])
def test_a_restriction_stops_sends_and_lifts_by_itself(code: int) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{WABA}/update", {"event": "ACCOUNT_RESTRICTION", "seconds": 3600, "code": code})
        info = (await one(lab, "account_update"))["restriction_info"][0]
        assert info["restriction_type"] == "RESTRICTED_BIZ_INITIATED_MESSAGING"
        assert 3500 < info["expiration"] - time.time() <= 3600
        assert (await lab.send())[1]["error"]["code"] == code
        assert (await health(lab))["WABA"]["can_send_message"] == "BLOCKED"
        await lab.post("/_control/clock", {"advance_s": 3601})
        await lab.until(lambda: not lab.sim.wabas[world.WABA_ID].restrictions)
        assert (await lab.send())[0] == 200
        assert (await health(lab))[""]["can_send_message"] == "AVAILABLE"

    run(check, speed=1.0)


def test_each_restriction_stops_what_it_names() -> None:
    async def check(lab: Lab) -> None:
        def restrict(kind: str) -> Json:
            return {"event": "ACCOUNT_RESTRICTION", "restriction_type": kind, "seconds": 3600}

        text: Json = {"type": "text", "text": {"body": "Hi"}}
        await lab.post(f"{WABA}/update", restrict("RESTRICTED_CUSTOMER_INITIATED_MESSAGING"))
        assert (await lab.send())[0] == 200 and (await lab.send(**text))[1]["error"]["code"] == 368
        await lab.post(f"{WABA}/lift")
        await lab.post(f"{WABA}/update", restrict("RESTRICTED_UTILITY_TEMPLATES"))
        assert (await lab.send(**text))[0] == 200 and (await lab.send())[1]["error"]["code"] == 368
        await lab.post(f"{WABA}/update", restrict("RESTRICTED_ADD_PHONE_NUMBER_ACTION"))
        body = {"cc": "44", "phone_number": "7700900131", "verified_name": "No"}
        assert (await lab.post(f"/v26.0/{world.WABA_ID}/phone_numbers", body))[1]["error"]["code"] == 368
        assert (await lab.post(f"{WABA}/update", restrict("RESTRICTED_FUN")))[0] == 400

    run(check, speed=1.0)


def test_a_scheduled_ban_begins_on_its_day_and_can_be_taken_back() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{WABA}/update", {"event": "DISABLED_UPDATE", "waba_ban_state": "SCHEDULE_FOR_DISABLE"})
        info = (await one(lab, "account_update"))["ban_info"]
        assert info["waba_ban_state"] == "SCHEDULE_FOR_DISABLE"
        assert re.fullmatch(r"[A-Z][a-z]+ \d{1,2}, \d{4}", info["waba_ban_date"])
        assert (await lab.send())[0] == 200 and (await health(lab))["WABA"]["can_send_message"] == "LIMITED"
        await lab.post("/_control/clock", {"advance_s": 8 * 86_400})
        await lab.until(lambda: len(lab.told("account_update")) == 2)
        assert (await lab.send())[1]["error"]["code"] == 131031
        assert (await node(lab, world.PHONE_ID, "status"))["status"] == "BANNED"
        await lab.post(f"{WABA}/update", {"event": "DISABLED_UPDATE", "waba_ban_state": "REINSTATE"})
        assert (await lab.send())[0] == 200

    run(check, speed=1.0)


def test_a_deleted_account_is_not_there_any_more() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{WABA}/update", {"event": "ACCOUNT_DELETED"})
        assert await one(lab, "account_update") == {"event": "ACCOUNT_DELETED"}
        for object_id in (world.WABA_ID, world.PHONE_ID):
            assert (await lab.get(f"/v26.0/{object_id}"))[1]["error"]["error_subcode"] == 33
        assert (await lab.send())[1]["error"]["code"] == 33
        owned = f"/v26.0/{world.PORTFOLIO_ID}/owned_whatsapp_business_accounts"
        assert (await lab.get(owned))[1] == {"data": []}

    run(check)


def test_a_removed_partner_may_lose_the_account() -> None:
    async def check(lab: Lab) -> None:
        await lab.post(f"{WABA}/update", {"event": "PARTNER_REMOVED", "lose_access": True})
        assert (await lab.get(f"/v26.0/{world.WABA_ID}"))[1]["error"]["code"] == 200

    run(check)


# --- numbers ------------------------------------------------------------------------------------------------------
def test_low_quality_flags_the_number_and_shows_in_its_health() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(NUMBER, {"quality_rating": "RED"})
        assert await one(lab, "phone_number_quality_update") == {
            "display_phone_number": "447700900118", "event": "FLAGGED", "current_limit": "TIER_100K",
            "max_daily_conversations_per_business": "TIER_100K",
        }  # fmt: skip
        assert (await node(lab, world.PHONE_ID, "quality_rating,status")) == {
            "id": world.PHONE_ID, "quality_rating": "RED", "status": "CONNECTED",
        }  # fmt: skip
        found = await health(lab)
        assert found[""]["can_send_message"] == "LIMITED" and found["PHONE_NUMBER"]["additional_info"]
        await lab.post(f"{NUMBER}/quality", {"event": "FLAGGED"})
        assert (await lab.send())[1]["error"]["code"] == 131048
        assert (await health(lab))["PHONE_NUMBER"]["can_send_message"] == "BLOCKED"
        await lab.post(f"{NUMBER}/quality", {"event": "UNFLAGGED"})
        assert (await lab.send())[0] == 200
        await lab.until(lambda: len(lab.told("phone_number_quality_update")) == 3)

    run(check)


def test_a_new_limit_is_told_twice() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(PORTFOLIO, {"limit_tier": "TIER_10K"})
        assert await one(lab, "business_capability_update") == {
            "max_daily_conversations_per_business": "TIER_10K", "max_phone_numbers_per_business": 20,
            "max_phone_numbers_per_waba": 20,
        }  # fmt: skip
        value = await one(lab, "phone_number_quality_update")
        assert (value["event"], value["current_limit"], value["old_limit"]) == ("DOWNGRADE", "TIER_10K", "TIER_100K")
        await lab.post(f"{NUMBER}/quality", {"event": "UPGRADE"})
        limit = "whatsapp_business_manager_messaging_limit"
        assert (await node(lab, world.PHONE_ID, limit))[limit] == "TIER_100K"
        assert (await node(lab, world.PORTFOLIO_ID, limit))[limit] == "TIER_100K"

    run(check)


@pytest.mark.parametrize("event", ["THROUGHPUT_UPGRADE", "ONBOARDING"])
def test_other_events_of_a_number_are_told(event: str) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{NUMBER}/quality", {"event": event})
        assert (await one(lab, "phone_number_quality_update"))["event"] == event
        assert (await lab.post(f"{NUMBER}/quality", {"event": "NONSENSE"}))[0] == 400

    run(check)


def test_a_name_is_reviewed_for_a_while_and_then_decided() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{NUMBER}/name", {"name": "Lumen Roastery", "after_s": 600})
        fields = "verified_name,name_status,new_name_status"
        assert (await node(lab, world.PHONE_ID, fields))["new_name_status"] == "PENDING_REVIEW"
        await lab.post("/_control/clock", {"advance_s": 601})
        assert await one(lab, "phone_number_name_update") == {
            "display_phone_number": "447700900118", "decision": "APPROVED",
            "requested_verified_name": "Lumen Roastery", "rejection_reason": None,
        }  # fmt: skip
        assert (await node(lab, world.PHONE_ID, fields))["verified_name"] == "Lumen Roastery"
        assert (await lab.post(f"/v26.0/{world.PHONE_ID}", {"new_display_name": "Reject me"}))[0] == 200
        await lab.post("/_control/clock", {"advance_s": 86_400})
        await lab.until(lambda: len(lab.told("phone_number_name_update")) == 2)
        assert lab.told("phone_number_name_update")[1]["rejection_reason"] == "NAME_FORMAT_UNACCEPTABLE"
        assert (await node(lab, world.PHONE_ID, fields))["new_name_status"] == "DECLINED"

    run(check, speed=1.0)


def test_the_name_of_a_pending_number_can_be_rejected_with_a_reason() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        path = f"/_control/numbers/{world.PENDING_PHONE_ID}/name"
        await lab.post(path, {"decision": "REJECTED", "reason": "NAME_NOT_CONSISTENT"})
        value = await one(lab, "phone_number_name_update")
        assert value["rejection_reason"] == "NAME_NOT_CONSISTENT"
        assert (await node(lab, world.PENDING_PHONE_ID, "name_status"))["name_status"] == "DECLINED"
        assert (await lab.post(path, {"decision": "REJECTED", "reason": "UGLY"}))[0] == 400
        assert (await lab.post(path, {}))[0] == 400

    run(check)


def test_security_alerts_and_usernames_are_told() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{NUMBER}/security", {"event": "PIN_RESET_REQUEST"})
        assert set(await one(lab, "security")) == {"display_phone_number", "event", "requester"}
        await lab.post(f"{NUMBER}/security", {"event": "PIN_RESET_SUCCESS"})
        assert not (await node(lab, world.PHONE_ID, "is_pin_enabled"))["is_pin_enabled"]
        await lab.post(f"{WABA}/alert", {"type": "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED"})
        value = await one(lab, "account_alerts")
        assert (value["entity_type"], value["entity_id"]) == ("BUSINESS", world.PORTFOLIO_ID)
        assert set(value["alert_info"]) == {"alert_severity", "alert_status", "alert_type", "alert_description"}
        await lab.post(f"{NUMBER}/alert", {"type": "OBA_APPROVED"})
        await lab.post(f"{NUMBER}/username", {"username": "lumen.coffee"})
        assert (await one(lab, "business_username_update"))["username"] == "lumen.coffee"
        assert (await node(lab, world.PHONE_ID, "username"))["username"] == "lumen.coffee"

    run(check)


def test_a_test_number_writes_only_to_the_people_on_its_list() -> None:
    async def check(lab: Lab) -> None:
        await lab.post(NUMBER, {"account_mode": "SANDBOX", "allowed_recipients": ["447700905556"]})
        assert (await lab.send("+447700905555"))[1]["error"]["code"] == 131030
        assert (await lab.send("+447700905556"))[0] == 200

    run(check)


# --- templates ----------------------------------------------------------------------------------------------------
def test_a_category_change_is_announced_and_then_happens() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        template = next(item for item in lab.sim.templates.values() if item.category == "UTILITY")
        path = f"/_control/templates/{template.id}/category"
        await lab.post(path, {"category": "MARKETING"})
        notice = await one(lab, "template_category_update")
        assert (notice["new_category"], notice["correct_category"]) == ("UTILITY", "MARKETING")
        assert notice["category_update_timestamp"] > time.time() + 86_000
        await lab.post("/_control/clock", {"advance_s": 86_401})
        await lab.until(lambda: len(lab.told("template_category_update")) == 2)
        done = lab.told("template_category_update")[1]
        assert (done["previous_category"], done["new_category"]) == ("UTILITY", "MARKETING")
        assert (await node(lab, template.id, "category"))["category"] == "MARKETING"

    run(check, speed=1.0)


@pytest.mark.parametrize(
    ("body", "key"),
    [({"status": "REJECTED", "reason": "INVALID_FORMAT"}, "rejection_info"), ({"status": "DISABLED"}, "disable_info"),
     ({"status": "PAUSED", "pause": "SECOND_PAUSE"}, "other_info"), ({"status": "ARCHIVED"}, "")],
)  # fmt: skip
def test_a_template_s_status_comes_with_its_reasons(body: Json, key: str) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        template = next(item for item in lab.sim.templates.values() if item.name == "order_ready")
        await lab.post(f"/_control/templates/{template.id}/status", body)
        value = await one(lab, "message_template_status_update")
        assert value["event"] == body["status"] and (not key or key in value)
        if body["status"] == "PAUSED":
            await lab.post(f"/_control/templates/{template.id}/status", {"status": "APPROVED"})
            await lab.until(lambda: len(lab.told("message_template_status_update")) == 2)
            assert lab.told("message_template_status_update")[1]["other_info"]["title"] == "UNPAUSE"

    run(check)


# --- what does not fit --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["unknown_number", "unknown_account", "unknown_field", "bad_signature"])
def test_webhooks_that_do_not_fit_can_be_sent(kind: str) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{WABA}/stray", {"kind": kind})
        await lab.until(lambda: lab.posts)
        headers, raw = lab.posts[0]
        entry = json.loads(raw)["entry"][0]
        change = entry["changes"][0]
        assert (headers["X-Hub-Signature-256"] == sign(world.APP_SECRET, raw)) is (kind != "bad_signature")
        assert (entry["id"] == world.WABA_ID) is (kind != "unknown_account")
        assert (change["field"] == "messages") is (kind != "unknown_field")
        if kind == "unknown_number":
            assert change["value"]["metadata"]["phone_number_id"] not in lab.sim.numbers

    run(check)


def test_a_subscription_can_vanish_and_a_raw_webhook_be_sent() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(ALL_FIELDS)
        await lab.post(f"{WABA}/webhook", {"field": "flows", "value": {"event": "FLOW_STATUS_CHANGE"}})
        assert await one(lab, "flows") == {"event": "FLOW_STATUS_CHANGE"}
        assert (await lab.post(f"{WABA}/webhook", {"field": "flows"}))[0] == 400
        await lab.post(f"{WABA}/stray", {"kind": "unsubscribed"})
        assert (await lab.get(f"/v26.0/{world.WABA_ID}/subscribed_apps"))[1] == {"data": []}

    run(check)


def test_what_is_to_happen_survives_a_restart(tmp_path: Path) -> None:
    async def before(lab: Lab) -> None:
        await lab.post(f"{WABA}/update", {"event": "ACCOUNT_RESTRICTION", "seconds": 3600})

    async def after(lab: Lab) -> None:
        assert (await lab.send())[1]["error"]["code"] == 368
        await lab.post("/_control/clock", {"advance_s": 3601})
        await lab.until(lambda: not lab.sim.wabas[world.WABA_ID].restrictions)
        assert lab.sim.appointments == {}

    run(before, store=str(tmp_path / "sim.sqlite3"), speed=1.0)
    run(after, store=str(tmp_path / "sim.sqlite3"), speed=1.0)
