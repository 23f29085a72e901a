"""What `POST /{phone}/messages` accepts and what it refuses, in Meta's words; the limits."""

from typing import Any

import pytest

from channels_app.simulator import identities, wamid, world
from channels_app.simulator.sending.limits import Limits

from .harness import Lab, order_ready, run, template

Json = dict[str, Any]


def text(value: str) -> Json:
    return {"type": "text", "text": value}


def test_a_template_send_is_accepted_with_a_wamid_of_meta_s_shape() -> None:
    async def check(lab: Lab) -> None:
        status, body = await lab.send("+44 7700 905-555", biz_opaque_callback_data="run=1")
        assert status == 200
        assert body["contacts"] == [{"input": "+44 7700 905-555", "wa_id": "447700905555"}]
        assert body["messages"][0]["message_status"] == "accepted"
        assert wamid.parse(body["messages"][0]["id"]) == ("447700905555", wamid.OUTBOUND, 1)
        _, ledger = await lab.get("/_control/ledger?callback_prefix=run=")
        assert ledger["data"][0]["wamid"] == body["messages"][0]["id"]

    run(check)


def test_a_business_scoped_id_is_an_address() -> None:
    async def check(lab: Lab) -> None:
        bsuid = identities.bsuid_of("447700905555")
        status, body = await lab.send("", recipient=bsuid)
        assert status == 200 and body["contacts"] == [{"input": bsuid, "user_id": bsuid}]
        status, body = await lab.send("", recipient="US.40000000000000000005")
        assert status == 400 and body["error"]["code"] == 131009

    run(check)


BODY3 = [text("Ada"), text("Soho"), text("Friday")]
URL0 = {"type": "button", "sub_type": "url", "index": "0", "parameters": [text("x")]}
IMAGE = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://lumen.example/a.png"}}]}


@pytest.mark.parametrize(
    ("components", "code", "details"),
    [
        ([IMAGE, {"type": "body", "parameters": BODY3[:1]}, URL0], 132000,
         "body: number of localizable_params (1) does not match the expected number of params (3)"),
        ([{"type": "body", "parameters": BODY3}, URL0], 132012,
         "header: Format mismatch, expected IMAGE, received UNKNOWN"),
        ([IMAGE, {"type": "body", "parameters": BODY3}], 131008,
         "buttons: Button at index 0 of type Url requires a parameter"),
        ([IMAGE, {"type": "body", "parameters": [*BODY3[:2], text("a\nb")]}, URL0], 132018,
         "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"),
        ([IMAGE, {"type": "body", "parameters": [*BODY3[:2], text("x" * 1000)]}, URL0], 132005, None),
        ([IMAGE, {"type": "body", "parameters": BODY3}, URL0,
          {"type": "button", "sub_type": "url", "index": 1, "parameters": [text("x")]}], 132018,
         "buttons: Button at index 1 must be of type QuickReply"),
        ([{"type": "header", "parameters": [{"type": "image", "image": {"id": "650999"}}]},
          {"type": "body", "parameters": BODY3}, URL0], 131009, None),
        ([IMAGE, {"type": "body", "parameters": BODY3}, URL0], None, None),
    ],
)  # fmt: skip
def test_components_are_held_against_the_template(
    components: list[Json], code: int | None, details: str | None
) -> None:
    async def check(lab: Lab) -> None:
        status, body = await lab.send(**template("spring_roast_launch", components))
        if code is None:
            assert status == 200
            return
        assert body["error"]["code"] == code
        assert details is None or body["error"]["error_data"]["details"] == details

    run(check)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (template("nobody"), 404, 132001), (template("order_ready", language="fr"), 404, 132001),
        (template("event_invitation"), 404, 132001), (template("birthday_gift"), 400, 132015),
        (template("price_drop_alert"), 400, 132016), ({"to": "12"}, 400, 131009), ({"to": None}, 400, 100),
        ({"to": "+447700900118"}, 400, 131021), ({"messaging_product": None}, 400, 100), ({"type": "poll"}, 400, 131051),
        ({"biz_opaque_callback_data": "x" * 513}, 400, 100), ({"category": "utility"}, 400, 100),
        ({"type": "template", "template": {"name": "order_ready"}}, 400, 100), ({"to": "+447700900013"}, 400, 131056),
    ],
)  # fmt: skip
def test_wrong_requests_get_meta_s_codes(change: Json, status: int, code: int) -> None:
    async def check(lab: Lab) -> None:
        answered, body = await lab.send(**{"to": "+447700905555", **change})
        assert (answered, body["error"]["code"]) == (status, code)

    run(check)


def test_the_number_and_the_token_are_checked_before_the_payload() -> None:
    async def check(lab: Lab) -> None:
        bad: Json = {"messaging_product": "sms"}
        path = f"/v26.0/{world.PENDING_PHONE_ID}/messages"
        assert (await lab.post(path, bad))[1]["error"]["code"] == 133010
        assert (await lab.post(path, bad, world.TOKEN_NO_MESSAGING))[1]["error"]["code"] == 200
        assert (await lab.post("/v26.0/329/messages", bad))[1]["error"]["error_subcode"] == 33
        assert (await lab.post(path, bad, world.TOKEN_EXPIRED))[0] == 401
        await lab.post(f"/_control/wabas/{world.WABA_ID}", {"restriction": 368})
        assert (await lab.send())[1]["error"]["code"] == 368

    run(check)


def test_pair_rate_lets_45_through_and_then_answers_131056() -> None:
    async def check(lab: Lab) -> None:
        answers = [await lab.send() for _ in range(46)]
        assert [status for status, _ in answers].count(200) == 45
        assert answers[-1][1]["error"]["code"] == 131056

    run(check)


def test_throughput_follows_the_level_of_the_number() -> None:
    limits = Limits()
    assert sum(limits.take_throughput("p", "STANDARD", 100.0) for _ in range(200)) in (80, 81)
    assert limits.take_throughput("p", "STANDARD", 100.5)
    assert sum(limits.take_throughput("q", "HIGH", 100.0) for _ in range(2000)) in (1000, 1001)


def test_the_messaging_limit_counts_people_once_and_forgets_them_after_a_day() -> None:
    limits = Limits()
    assert all(limits.take_user("b", "TIER_250", str(user), 0.0) for user in range(250))
    assert limits.take_user("b", "TIER_250", "7", 10.0)
    assert not limits.take_user("b", "TIER_250", "250", 10.0)
    assert limits.take_user("b", "TIER_250", "250", 86_401.0)


def test_read_receipts_need_the_id_of_an_inbound_message() -> None:
    async def check(lab: Lab) -> None:
        _, made = await lab.post("/_control/inbound", {"from": "+447700905555", "text": "Hello"})
        receipt = {"messaging_product": "whatsapp", "status": "read", "message_id": made["id"]}
        path = f"/v26.0/{world.PHONE_ID}/messages"
        assert (await lab.post(path, {**receipt, "typing_indicator": {"type": "text"}}))[1] == {"success": True}
        assert (await lab.post(path, {**receipt, "message_id": "wamid.x"}))[1]["error"]["code"] == 131009

    run(check)


def test_named_parameters_may_come_in_any_order_but_need_their_names() -> None:
    async def check(lab: Lab) -> None:
        body = order_ready("+447700905555")
        parameters = body["template"]["components"][0]["parameters"]
        parameters.reverse()
        assert (await lab.send(template=body["template"]))[0] == 200
        del parameters[0]["parameter_name"]
        assert (await lab.send(template=body["template"]))[1]["error"]["code"] == 100

    run(check)
