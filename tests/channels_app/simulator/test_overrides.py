"""Which callback URL gets what: app, account, number; handshakes that fail and callbacks that are dead (reference 1.6)."""

import json
from typing import Any

from channels_app.simulator import world

from .harness import Lab, run

WABA = f"/v26.0/{world.WABA_ID}/subscribed_apps"
PHONE = f"/v26.0/{world.PHONE_ID}"
FIELDS = "messages,user_preferences,account_update"


def override(lab: Lab, path: str) -> dict[str, Any]:
    return {"override_callback_uri": lab.hook.replace("/hook", path), "verify_token": "v"}


async def where(lab: Lab, count: int = 1) -> list[str]:
    """The paths at which a text arrives."""
    lab.paths.clear()
    await lab.post("/_control/inbound", {"from": "+447700905555", "text": "Hello"})
    await lab.until(lambda: len(lab.paths) >= count)
    return lab.paths


def test_the_number_s_address_wins_over_the_account_s_and_that_over_the_app_s() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(FIELDS)
        assert await where(lab) == ["/hook"]
        await lab.post(WABA, override(lab, "/account"))
        assert await where(lab) == ["/account"]
        await lab.post(PHONE, {"webhook_configuration": override(lab, "/number")})
        assert await where(lab) == ["/number"]
        _, node = await lab.get(f"{PHONE}?fields=webhook_configuration")
        assert node["webhook_configuration"] == {
            "application": lab.hook, "whatsapp_business_account": override(lab, "/account")["override_callback_uri"],
            "phone_number": override(lab, "/number")["override_callback_uri"],
        }  # fmt: skip
        _, apps = await lab.get(WABA)
        assert apps["data"][0]["override_callback_uri"].endswith("/account")
        await lab.post(PHONE, {"webhook_configuration": {"override_callback_uri": ""}})
        assert await where(lab) == ["/account"]
        await lab.post(WABA)
        assert await where(lab) == ["/hook"]
        assert "override_callback_uri" not in (await lab.get(WABA))[1]["data"][0]

    run(check)


def test_only_messages_follow_an_override() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(FIELDS)
        await lab.post(WABA, override(lab, "/account"))
        await lab.post("/_control/inbound", {"from": "+447700905555", "kind": "stop"})
        await lab.post(f"/_control/wabas/{world.WABA_ID}/update", {"event": "ACCOUNT_VIOLATION"})
        await lab.until(lambda: len(lab.paths) == 2)
        assert lab.paths == ["/hook", "/hook"]

    run(check)


def test_an_override_that_makes_no_sense_is_refused_and_nothing_changes() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(FIELDS)
        long = {"override_callback_uri": lab.hook + "/" + "x" * 200, "verify_token": "v"}
        for body in (long, {"override_callback_uri": lab.hook}, {"override_callback_uri": "hook", "verify_token": "v"}):
            assert (await lab.post(WABA, body))[1]["error"]["code"] == 100
            assert (await lab.post(PHONE, {"webhook_configuration": body}))[1]["error"]["code"] == 100
        broken: list[object] = [{}, "no", json.dumps([1])]
        for given in broken:
            assert (await lab.post(PHONE, {"webhook_configuration": given}))[1]["error"]["code"] == 100
        assert (await lab.post(PHONE, {}))[1]["error"]["code"] == 100
        assert await where(lab) == ["/hook"]

    run(check)


def test_a_handshake_can_be_made_to_fail_for_one_address() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(FIELDS)
        url = override(lab, "/broken")["override_callback_uri"]
        await lab.post("/_control/faults", {"endpoint": "handshake", "url": url})
        status, body = await lab.post(WABA, override(lab, "/broken"))
        assert status == 400 and body["error"]["code"] == 100 and "hub.challenge" in body["error"]["message"]
        assert (await lab.post(WABA, override(lab, "/good")))[0] == 200

    run(check)


def test_a_callback_can_be_dead_while_another_one_lives() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe(FIELDS)
        await lab.post(WABA, override(lab, "/dead"))
        url = override(lab, "/dead")["override_callback_uri"]
        _, fault = await lab.post("/_control/faults", {"endpoint": "webhook", "kind": "cut_before", "url": url})
        await lab.post("/_control/inbound", {"from": "+447700905555", "text": "Anybody?"})
        await lab.post(f"/_control/wabas/{world.WABA_ID}/update", {"event": "ACCOUNT_VIOLATION"})
        await lab.until(lambda: lab.told("account_update") and lab.sim.webhooks.counts["retries"] > 1)
        assert lab.paths == ["/hook"]
        await lab.call("DELETE", f"/_control/faults/{fault['id']}")
        await lab.until(lambda: "/dead" in lab.paths)
        assert (await lab.post("/_control/faults", {"endpoint": "messages", "url": url}))[0] == 400

    run(check)
