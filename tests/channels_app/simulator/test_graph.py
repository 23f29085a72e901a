"""Reading accounts, numbers, templates, media; tokens and their refusals."""

import time

import aiohttp
import pytest

from channels_app.simulator import world
from channels_app.simulator.auth import proof_of

from .harness import APP_TOKEN, Lab, run


def test_debug_token_tells_scopes_reach_and_expiry() -> None:
    async def check(lab: Lab) -> None:
        _, body = await lab.get(f"/v26.0/debug_token?input_token={world.TOKEN}", APP_TOKEN)
        assert body["data"]["is_valid"] and body["data"]["expires_at"] == 0
        assert {"scope": "whatsapp_business_messaging", "target_ids": [world.WABA_ID]} in body["data"][
            "granular_scopes"
        ]
        for token in (world.TOKEN_EXPIRED, "EAAnobody"):
            status, body = await lab.get(f"/v26.0/debug_token?input_token={token}", APP_TOKEN)
            assert status == 200 and body["data"]["is_valid"] is False and body["data"]["error"]["code"] == 190

    run(check)


@pytest.mark.parametrize(
    ("token", "status", "code", "subcode"),
    [(None, 401, 104, None), ("EAAwrong", 401, 190, None), (world.TOKEN_EXPIRED, 401, 190, 463),
     (world.TOKEN_OTHER, 400, 100, 33)],
)  # fmt: skip
def test_a_bad_token_is_refused_in_meta_s_envelope(
    token: str | None, status: int, code: int, subcode: int | None
) -> None:
    async def check(lab: Lab) -> None:
        answered, body = await lab.get(f"/v26.0/{world.WABA_ID}", token)
        assert (answered, body["error"]["code"], body["error"].get("error_subcode")) == (status, code, subcode)
        assert body["error"]["fbtrace_id"]

    run(check)


def test_appsecret_proof_is_asked_for_and_checked() -> None:
    async def check(lab: Lab) -> None:
        assert proof_of("sim_app_secret", "EAATESTTOKEN") == (
            "43cf52eb459a2f80e3f3f67090493a7920fe54ede8b2d77fe26d56f736dbe0ac"
        )
        await lab.post(f"/_control/apps/{world.APP_ID}", {"require_proof": True})
        _, body = await lab.get(f"/v26.0/{world.WABA_ID}")
        assert body["error"]["message"] == "API calls from the server require an appsecret_proof argument"
        _, body = await lab.get(f"/v26.0/{world.WABA_ID}?appsecret_proof=00")
        assert body["error"]["message"] == "Invalid appsecret_proof provided in the API argument"
        proof = proof_of(world.APP_SECRET, world.TOKEN)
        assert (await lab.get(f"/v26.0/{world.WABA_ID}?appsecret_proof={proof}"))[0] == 200

    run(check)


def test_numbers_come_with_nested_fields_and_usage_headers() -> None:
    async def check(lab: Lab) -> None:
        _, body = await lab.get(f"/v26.0/{world.WABA_ID}/phone_numbers?fields=id,status,throughput{{level}}")
        assert body["data"][0] == {"id": world.PHONE_ID, "status": "CONNECTED", "throughput": {"level": "STANDARD"}}
        assert "next" not in body["paging"] and "X-App-Usage" in lab.headers
        assert world.WABA_ID in lab.headers["X-Business-Use-Case-Usage"]
        _, body = await lab.get(f"/v26.0/{world.WABA_ID}?fields=name,phone_numbers{{id}}")
        assert body["name"] == "Lumen Coffee" and len(body["phone_numbers"]["data"]) == 2
        _, body = await lab.get(f"/v26.0/{world.PHONE_ID}?fields=health_status,nonsense")
        assert "nonexisting field (nonsense)" in body["error"]["message"]
        _, body = await lab.get(f"/v26.0/{world.PORTFOLIO_ID}/owned_whatsapp_business_accounts")
        assert [waba["id"] for waba in body["data"]] == [world.WABA_ID]

    run(check)


def test_numbers_can_be_filtered() -> None:
    async def check(lab: Lab) -> None:
        async def found(filtering: str) -> list[str]:
            path = f"/v26.0/{world.WABA_ID}/phone_numbers"
            _, body = await lab.call("GET", path, params={"filtering": filtering})
            return [item["id"] for item in body["data"]] if "data" in body else [str(body["error"]["code"])]

        assert await found('[{"field":"status","operator":"EQUAL","value":"PENDING"}]') == [world.PENDING_PHONE_ID]
        assert await found('[{"field":"account_mode","operator":"IN","value":["SANDBOX"]}]') == []
        assert await found("[1") == await found("[1]") == ["100"]

    run(check)


def test_templates_are_paged_filtered_and_summed_up() -> None:
    async def check(lab: Lab) -> None:
        seen: list[str] = []
        url = f"/v26.0/{world.WABA_ID}/message_templates?limit=10&summary=total_count"
        while url:
            _, body = await lab.get(url)
            seen += [item["id"] for item in body["data"]]
            url = body["paging"].get("next", "").replace(lab.base, "")
        assert len(seen) == len(set(seen)) == body["summary"]["total_count"] >= 25
        _, body = await lab.get(
            f"/v26.0/{world.WABA_ID}/message_templates?status=APPROVED&language=ko&category=UTILITY"
        )
        assert body["data"] and {item["language"] for item in body["data"]} == {"ko"}
        _, body = await lab.get(f"/v26.0/{world.WABA_ID}/message_templates?after=broken")
        assert body["error"]["code"] == 131059

    run(check)


def test_media_goes_up_comes_down_and_is_deleted() -> None:
    async def check(lab: Lab) -> None:
        form = aiohttp.FormData({"messaging_product": "whatsapp", "type": "image/png"})
        form.add_field("file", b"\x89PNG-bytes", filename="a.png", content_type="image/png")
        _, body = await lab.call("POST", f"/v26.0/{world.PHONE_ID}/media", data=form)
        media_id = body["id"]
        _, node = await lab.get(f"/v26.0/{media_id}?phone_number_id={world.PHONE_ID}")
        async with lab.http.get(node["url"], headers={"Authorization": f"Bearer {world.TOKEN}"}) as response:
            assert await response.read() == b"\x89PNG-bytes" and response.content_type == "image/png"
        async with lab.http.get(node["url"]) as response:
            assert response.status == 401
        assert (await lab.call("DELETE", f"/v26.0/{media_id}"))[1] == {"success": True}
        assert (await lab.get(f"/v26.0/{media_id}"))[1]["error"]["error_subcode"] == 33

    run(check)


def test_a_made_token_works_until_it_is_revoked() -> None:
    async def check(lab: Lab) -> None:
        _, made = await lab.post("/_control/tokens", {"scopes": ["whatsapp_business_management"], "expires_in_s": 60})
        assert made["expires_at"] > time.time()
        assert (await lab.get(f"/v26.0/{world.WABA_ID}", made["token"]))[0] == 200
        await lab.post("/_control/tokens", {"revoke": made["token"]})
        assert (await lab.get(f"/v26.0/{world.WABA_ID}", made["token"]))[0] == 401

    run(check)
