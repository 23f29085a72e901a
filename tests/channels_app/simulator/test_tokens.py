"""What each kind of token may see, and what `debug_token` says of it (reference 1.2, 1.4)."""

import time
from typing import Any

import pytest

from channels_app.simulator import world

from .harness import APP_TOKEN, Lab, run

DEBUG = "/v26.0/debug_token?input_token="
SECOND_APP = f"{world.SECOND_APP_ID}|{world.SECOND_APP_SECRET}"


def test_a_token_of_another_app_is_refused_in_meta_s_words() -> None:
    async def check(lab: Lab) -> None:
        status, body = await lab.get(DEBUG + world.TOKEN_OTHER_APP, APP_TOKEN)
        assert (status, body["error"]["code"]) == (400, 100)
        assert body["error"]["message"] == "(#100) The App_id in the input_token did not match the Viewing App"
        status, body = await lab.get(DEBUG + world.TOKEN_OTHER_APP, SECOND_APP)
        assert status == 200 and body["data"]["app_id"] == world.SECOND_APP_ID and body["data"]["is_valid"]

    run(check)


@pytest.mark.parametrize(
    ("token", "facts"),
    [
        (world.TOKEN_USER, {"type": "USER", "is_valid": True}),
        (world.TOKEN_EXPIRING, {"type": "SYSTEM_USER", "is_valid": True}),
        (world.TOKEN_EXPIRED, {"is_valid": False}),
        (world.TOKEN_NO_BUSINESS, {"scopes": ["whatsapp_business_management", "whatsapp_business_messaging"]}),
    ],
)
def test_debug_token_tells_what_a_token_is(token: str, facts: dict[str, Any]) -> None:
    async def check(lab: Lab) -> None:
        _, body = await lab.get(DEBUG + token, APP_TOKEN)
        assert {key: body["data"][key] for key in facts} == facts
        if token == world.TOKEN_EXPIRING:
            assert (body["data"]["expires_at"] - time.time()) // 86_400 == 9
        if token == world.TOKEN_EXPIRED:
            assert body["data"]["error"]["subcode"] == 463

    run(check)


def test_a_token_can_be_made_for_a_person_and_really_expires() -> None:
    async def check(lab: Lab) -> None:
        _, made = await lab.post("/_control/tokens", {"type": "USER"})
        assert 0 < made["expires_at"] - time.time() <= 86_400
        await lab.post(f"/_control/tokens/{made['token']}", {"expires_in_s": 0})
        status, body = await lab.get(f"/v26.0/{world.WABA_ID}", made["token"])
        assert status == 401 and body["error"]["error_subcode"] == 463
        _, body = await lab.post("/_control/tokens", {"waba_ids": ["1"]})
        assert body["error"] == "There is no 1."

    run(check)


def test_an_account_that_was_taken_away_answers_200_and_a_foreign_one_100() -> None:
    async def check(lab: Lab) -> None:
        status, body = await lab.get(f"/v26.0/{world.WABA_ID}", world.TOKEN_NO_ASSET)
        assert (status, body["error"]["code"]) == (403, 200)
        status, body = await lab.get(f"/v26.0/{world.PHONE_ID}/whatsapp_business_profile", world.TOKEN_NO_ASSET)
        assert body["error"]["code"] == 200
        _, body = await lab.get(f"/v26.0/{world.OTHER_WABA_ID}", world.TOKEN_NO_ASSET)
        assert (body["error"]["code"], body["error"]["error_subcode"]) == (100, 33)
        _, body = await lab.get(f"{DEBUG}{world.TOKEN_NO_ASSET}", APP_TOKEN)
        assert body["data"]["granular_scopes"][0]["target_ids"] == []

    run(check)


def test_a_portfolio_needs_its_own_permission() -> None:
    async def check(lab: Lab) -> None:
        fields = "id,name,verification_status,whatsapp_business_manager_messaging_limit"
        _, body = await lab.get(f"/v26.0/{world.PORTFOLIO_ID}?fields={fields}")
        assert body == {
            "id": world.PORTFOLIO_ID, "name": "Lumen Coffee Group", "verification_status": "verified",
            "whatsapp_business_manager_messaging_limit": "TIER_100K",
        }  # fmt: skip
        for edge in ("", "/owned_whatsapp_business_accounts", "/client_whatsapp_business_accounts"):
            status, body = await lab.get(f"/v26.0/{world.PORTFOLIO_ID}{edge}", world.TOKEN_NO_BUSINESS)
            assert (status, body["error"]["code"]) == (403, 200)
        _, body = await lab.get(f"/v26.0/{world.OTHER_PORTFOLIO_ID}")
        assert body["error"]["error_subcode"] == 33

    run(check)


def test_a_portfolio_lists_what_it_owns_and_what_others_share_with_it() -> None:
    async def check(lab: Lab) -> None:
        owned = f"/v26.0/{world.PORTFOLIO_ID}/owned_whatsapp_business_accounts?fields=id,currency,account_review_status"
        _, body = await lab.get(owned, world.TOKEN_ALL_ACCOUNTS)
        assert [(item["id"], item["currency"], item["account_review_status"]) for item in body["data"]] == [
            (world.WABA_ID, "EUR", "APPROVED"), (world.KOREA_WABA_ID, "KRW", "PENDING"),
            (world.UNPAID_WABA_ID, "EUR", "APPROVED"),
        ]  # fmt: skip
        assigned = f"/v26.0/{world.SYSTEM_USER_ID}/assigned_whatsapp_business_accounts"
        assert len((await lab.get(assigned, world.TOKEN_ALL_ACCOUNTS))[1]["data"]) == 3
        assert len((await lab.get(assigned))[1]["data"]) == 1
        client = f"/v26.0/{world.PORTFOLIO_ID}/client_whatsapp_business_accounts"
        assert (await lab.get(client))[1] == {"data": []}
        await lab.post(f"/_control/wabas/{world.OTHER_WABA_ID}", {"shared_with": [world.PORTFOLIO_ID]})
        await lab.post(f"/_control/tokens/{world.TOKEN}", {"waba_ids": [world.WABA_ID, world.OTHER_WABA_ID]})
        assert [item["id"] for item in (await lab.get(client))[1]["data"]] == [world.OTHER_WABA_ID]
        onboarded = '[{"field":"marketing_messages_onboarding_status","operator":"IN","value":["ONBOARDED"]}]'
        _, body = await lab.call("GET", client, params={"filtering": onboarded})
        assert body == {"data": []}

    run(check)


def test_the_unpaid_account_has_no_funding_and_the_one_under_review_says_so() -> None:
    async def check(lab: Lab) -> None:
        _, body = await lab.get(f"/v26.0/{world.UNPAID_WABA_ID}?fields=name,primary_funding_id,health_status",
                                world.TOKEN_ALL_ACCOUNTS)  # fmt: skip
        assert "primary_funding_id" not in body and body["health_status"]["can_send_message"] == "BLOCKED"
        _, body = await lab.get(f"/v26.0/{world.KOREA_WABA_ID}?fields=health_status", world.TOKEN_ALL_ACCOUNTS)
        entities = {item["entity_type"]: item for item in body["health_status"]["entities"]}
        assert entities["WABA"]["can_send_message"] == "LIMITED"
        assert entities["WABA"]["additional_info"] == ["The review of the account is PENDING."]

    run(check)
