"""Nonsense gets a sentence, never a crash: on the control surface and on the Graph surface."""

from typing import Any

import pytest

from channels_app.simulator import world

from .harness import Lab, run

JUNK: list[Any] = [None, "", " ", "x" * 300, -1, 10**20, 1.5, True, [], [1], {}, {"a": 1}, "\u0000", "<b>"]
CONTROL = {
    f"numbers/{world.PHONE_ID}": ("status", "pin", "quality_rating", "is_official_business_account"),
    f"numbers/{world.PHONE_ID}/quality": ("event",),
    f"numbers/{world.PHONE_ID}/name": ("name", "after_s", "decision", "reason"),
    f"numbers/{world.PHONE_ID}/security": ("event", "requester"),
    f"numbers/{world.PHONE_ID}/username": ("username", "status"),
    f"numbers/{world.PHONE_ID}/dance": ("event",),
    f"wabas/{world.WABA_ID}": ("restriction", "primary_funding_id", "shared_with"),
    f"wabas/{world.WABA_ID}/review": ("decision",),
    f"wabas/{world.WABA_ID}/alert": ("type", "severity"),
    f"wabas/{world.WABA_ID}/webhook": ("field", "value"),
    f"wabas/{world.WABA_ID}/stray": ("kind",),
    f"portfolios/{world.PORTFOLIO_ID}": ("limit_tier", "number_limit"),
    "tokens": ("type", "scopes", "waba_ids", "lost_waba_ids", "expires_in_s", "expires_at", "app_id", "revoke", "token"),
    f"tokens/{world.TOKEN_EXPIRED}": ("scopes", "waba_ids", "expires_in_s", "is_revoked"),
    "faults": ("endpoint", "kind", "mode", "n", "url"),
    "knobs": ("name_review_s", "random_codes"),
}  # fmt: skip
UPDATES = {"seconds": "ACCOUNT_RESTRICTION", "restriction_type": "ACCOUNT_RESTRICTION", "code": "ACCOUNT_RESTRICTION",
           "waba_ban_state": "DISABLED_UPDATE", "country": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE"}  # fmt: skip
ACTS = {"text": ("text", "reply_to", "from", "phone_number_id"), "image": ("size_bytes", "mime_type", "caption"),
        "button": ("index", "wamid"), "reaction": ("emoji", "wamid"), "order": ("items",), "edit": ("wamid", "text"),
        "unsupported": ("type", "code"), "username": ("username", "text"), "number_change": ("to",),
        "error": ("code",), "flow_reply": ("response",), "referral": ("referral", "text")}  # fmt: skip
GRAPH = {
    f"{world.WABA_ID}/phone_numbers": ("cc", "phone_number", "verified_name"),
    f"{world.PENDING_PHONE_ID}/request_code": ("code_method", "language"),
    f"{world.PENDING_PHONE_ID}/verify_code": ("code",),
    f"{world.PHONE_ID}/register": ("pin", "data_localization_region", "messaging_product"),
    f"{world.PHONE_ID}": ("pin", "new_display_name", "webhook_configuration"),
    f"{world.WABA_ID}/subscribed_apps": ("override_callback_uri", "verify_token"),
}


async def never_crashes(lab: Lab, path: str, body: dict[str, Any]) -> None:
    status, answer = await lab.post(path, body)
    assert status in (200, 400, 403, 404, 500) and isinstance(answer, dict), (path, body, status)
    assert status != 500 or answer["error"]["code"] in (133000, 133004), (path, body, answer)


@pytest.mark.parametrize("path", CONTROL)
def test_the_control_surface_survives_nonsense(path: str) -> None:
    async def check(lab: Lab) -> None:
        for key in CONTROL[path]:
            for value in JUNK:
                await never_crashes(lab, f"/_control/{path}", {key: value})
        await never_crashes(lab, f"/_control/{path}", {})
        assert (await lab.get("/_control/state"))[0] == 200
        for token in (world.TOKEN, world.TOKEN_EXPIRED):
            path_of = f"/v26.0/debug_token?input_token={token}"
            assert (await lab.get(path_of, f"{world.APP_ID}|{world.APP_SECRET}"))[0] == 200

    run(check)


def test_events_and_acts_survive_nonsense() -> None:
    async def check(lab: Lab) -> None:
        await lab.send("+447700905556")
        for key, event in [*UPDATES.items(), ("seconds", "DISABLED_UPDATE")]:
            for value in JUNK:
                await never_crashes(
                    lab,
                    f"/_control/wabas/{world.WABA_ID}/update",
                    {"waba_ban_state": "SCHEDULE_FOR_DISABLE", "event": event, key: value},
                )
        for kind, keys in ACTS.items():
            for key in keys:
                for value in JUNK:
                    body = {"from": "+447700905556", "text": "Hi", "kind": kind, key: value}
                    await never_crashes(lab, "/_control/inbound", body)
        assert (await lab.get("/_control/conversations/447700905556"))[0] == 200

    run(check)


@pytest.mark.parametrize("path", GRAPH)
def test_the_graph_surface_survives_nonsense(path: str) -> None:
    async def check(lab: Lab) -> None:
        for key in GRAPH[path]:
            for value in JUNK:
                full = {"messaging_product": "whatsapp", "pin": "111111", "verify_token": "v", "cc": "44", "language": "en_US",
                        "phone_number": "7700900150", "verified_name": "Name", "code_method": "SMS"}  # fmt: skip
                await never_crashes(lab, f"/v26.0/{path}", {**full, key: value})
        assert (await lab.get(f"/v26.0/{world.PHONE_ID}?fields=health_status,status"))[0] == 200

    run(check)
