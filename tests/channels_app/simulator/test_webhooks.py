"""Statuses and inbound messages as signed, batched, retried webhooks."""

from typing import Any

from channels_app.simulator import world
from channels_app.simulator.webhooks import encode, sign

from .harness import APP_TOKEN, Lab, run

TEXT: dict[str, Any] = {"type": "text", "text": {"body": "Hi"}}


def test_the_signature_matches_the_reference_s_vectors() -> None:
    empty = encode({"object": "whatsapp_business_account", "entry": []})
    assert sign("sim_app_secret", empty) == ("sha256=bc905fee67e86250e46ead4d1b193c97047125f2d02654205c854126a661a243")
    value = {"messaging_product": "whatsapp", "note": "café 😀"}
    entry = [{"id": "210000000000002", "changes": [{"value": value, "field": "messages"}]}]
    body = encode({"object": "whatsapp_business_account", "entry": entry})
    assert b"caf\\u00e9 \\ud83d\\ude00" in body
    assert sign("sim_app_secret", body) == ("sha256=73030603e7807807f0847044a4fe5dbe107fd9d8379eb59b778237bb566bef72")


def test_statuses_arrive_in_order_signed_and_carry_our_data() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        _, body = await lab.send("+447700900008", biz_opaque_callback_data="row-1")
        await lab.until(lambda: len(lab.statuses()) >= 3)
        statuses = lab.statuses()
        assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
        assert {status["id"] for status in statuses} == {body["messages"][0]["id"]}
        assert {status["biz_opaque_callback_data"] for status in statuses} == {"row-1"}
        assert [bool(status.get("pricing")) for status in statuses] == [False, True, False]
        for headers, raw in lab.posts:
            assert headers["X-Hub-Signature-256"] == sign(world.APP_SECRET, raw)
            assert headers["User-Agent"] == "facebookexternalua"

    run(check)


def test_failures_carry_the_code_and_no_contact() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        await lab.send("+447700900000")
        await lab.until(lambda: lab.statuses())
        assert lab.statuses()[0]["errors"][0]["code"] == 131026
        assert "contacts" not in lab.values()[0] and "recipient_user_id" not in lab.statuses()[0]

    run(check)


def test_text_outside_the_window_fails_and_inside_it_arrives() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        await lab.send(**TEXT)
        await lab.until(lambda: lab.statuses())
        assert lab.statuses()[0]["errors"][0]["code"] == 131047
        await lab.post("/_control/inbound", {"from": "+447700900006", "text": "Hello"})
        await lab.send("+447700900006", **TEXT)
        await lab.until(lambda: any(status["status"] == "delivered" for status in lab.statuses()))

    run(check, speed=100.0)


def test_nothing_is_delivered_without_a_subscription() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        await lab.call("DELETE", f"/v26.0/{world.WABA_ID}/subscribed_apps")
        await lab.send("+447700900008")
        await lab.until(lambda: lab.sim.webhooks.counts["unrouted"] >= 3)
        assert lab.posts == []

    run(check)


def test_the_handshake_must_be_echoed() -> None:
    async def check(lab: Lab) -> None:
        lab.echo = False
        body = {"object": "whatsapp_business_account", "callback_url": lab.hook, "verify_token": "v",
                "fields": "messages"}  # fmt: skip
        status, answer = await lab.post(f"/{world.APP_ID}/subscriptions", body, APP_TOKEN)
        assert status == 400 and answer["error"]["code"] == 100
        override = {"override_callback_uri": lab.hook, "verify_token": "v"}
        status, answer = await lab.post(f"/v26.0/{world.WABA_ID}/subscribed_apps", override)
        assert status == 400 and answer["error"]["code"] == 100
        assert (await lab.get(f"/v26.0/{world.WABA_ID}/subscribed_apps"))[1] == {"data": []}

    run(check)


def test_a_refused_webhook_is_tried_again_with_the_same_bytes_and_can_be_redelivered() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        lab.hook_answers = [500, 503]
        await lab.post("/_control/inbound", {"from": "+447700905555", "text": "Hello"})
        await lab.until(lambda: lab.sim.webhooks.counts["delivered"] == 1)
        assert len(lab.posts) == 3 and len({raw for _, raw in lab.posts}) == 1
        _, log = await lab.get("/_control/deliveries")
        assert log["data"][0]["attempts"] == 3
        await lab.post(f"/_control/deliveries/{log['data'][0]['id']}/redeliver")
        await lab.until(lambda: len(lab.posts) == 4)

    run(check)


def test_updates_are_batched() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        lab.sim.knobs.linger_ms = 200
        for index in range(30):
            await lab.send(f"+4477009{index:04d}05")
        await lab.until(lambda: len(lab.statuses()) >= 30)
        assert len(lab.posts) < 10

    run(check)


def test_a_tap_a_stop_in_whatsapp_and_a_block_are_three_different_things() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        person = "+447700905556"
        await lab.post(f"/_control/users/{person}", {"on_whatsapp": True, "fail_marketing_code": 0})
        image = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://lumen.example/a.png"}}]}
        offer: dict[str, Any] = {"type": "template", "template": {
            "name": "weekend_offer", "language": {"code": "en_US"}, "components": [
            image, {"type": "body", "parameters": [{"type": "text", "text": "Ada"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "0",
             "parameters": [{"type": "payload", "payload": "stop-promos"}]}]}}  # fmt: skip
        _, sent = await lab.send(person, **offer)
        await lab.post("/_control/inbound", {"kind": "button", "from": person, "index": 0})
        await lab.until(lambda: lab.inbound())
        tap = lab.inbound()[0]
        assert tap["button"] == {"payload": "stop-promos", "text": "Stop offers"}
        assert tap["context"]["id"] == sent["messages"][0]["id"]
        await lab.post("/_control/inbound", {"kind": "stop", "from": person})
        await lab.until(lambda: any("user_preferences" in value for value in lab.values()))
        _, again = await lab.send(person, **offer)
        await lab.until(lambda: any(status.get("errors") for status in lab.statuses()))
        failed = next(status for status in lab.statuses() if status.get("errors"))
        assert failed["id"] == again["messages"][0]["id"] and failed["errors"][0]["code"] == 131050
        await lab.post("/_control/inbound", {"kind": "block", "from": person})
        assert (await lab.send(person))[0] == 200

    run(check)


def test_a_changed_template_is_told() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        found = next(item for item in lab.sim.templates.values() if item.name == "order_ready")
        await lab.post(f"/_control/templates/{found.id}", {"status": "PAUSED"})
        await lab.until(lambda: lab.posts)
        assert lab.values()[0]["event"] == "PAUSED" and lab.values()[0]["message_template_id"] == int(found.id)

    run(check)
