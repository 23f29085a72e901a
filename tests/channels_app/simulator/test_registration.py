"""From an added number to a connected one, and everything that can stand in the way (reference 1.5, 6.6)."""

from typing import Any

import pytest

from channels_app.simulator import world
from channels_app.simulator.entities import Number

from .harness import Lab, run

PENDING = f"/v26.0/{world.PENDING_PHONE_ID}"
PHONE = f"/v26.0/{world.PHONE_ID}"
REGISTER = {"messaging_product": "whatsapp", "pin": "654321"}


async def code_of(lab: Lab, path: str, body: dict[str, Any] | None = None) -> int:
    """The error code of a POST; 0 when it worked."""
    _, answer = await lab.post(path, body)
    return int(answer.get("error", {}).get("code", 0))


async def verified(lab: Lab, path: str = PENDING) -> None:
    await lab.post(f"{path}/request_code", {"code_method": "SMS", "language": "en_US"})
    assert (await lab.post(f"{path}/verify_code", {"code": "123456"}))[1] == {"success": True}


def number(lab: Lab, phone_id: str = world.PENDING_PHONE_ID) -> Number:
    return lab.sim.numbers[phone_id]


def test_a_number_climbs_from_added_to_connected() -> None:
    async def check(lab: Lab) -> None:
        body = {"cc": "44", "phone_number": "7700 900 130", "verified_name": "Lumen Coffee Soho"}
        _, added = await lab.post(f"/v26.0/{world.WABA_ID}/phone_numbers", body)
        path = f"/v26.0/{added['id']}"
        fields = "fields=status,name_status,verified_name,code_verification_status,is_pin_enabled,platform_type"
        _, node = await lab.get(f"{path}?{fields}")
        assert node == {
            "id": added["id"], "status": "PENDING", "name_status": "PENDING_REVIEW", "is_pin_enabled": False,
            "verified_name": "Lumen Coffee Soho", "code_verification_status": "NOT_VERIFIED",
            "platform_type": "NOT_APPLICABLE",
        }  # fmt: skip
        assert await code_of(lab, f"{path}/register", REGISTER) == 133006
        await lab.post(f"{path}/request_code", {"code_method": "VOICE", "language": "ko"})
        _, state = await lab.get("/_control/state")
        assert next(item for item in state["numbers"] if item["id"] == added["id"])["code"] == "123456"
        assert await code_of(lab, f"{path}/verify_code", {"code": "000000"}) == 136025
        await verified(lab, path)
        assert (await lab.post(f"{path}/register", {**REGISTER, "data_localization_region": "DE"}))[1]["success"]
        _, node = await lab.get(f"{path}?fields=status,is_pin_enabled,platform_type,code_verification_status")
        assert (node["status"], node["is_pin_enabled"], node["platform_type"]) == ("CONNECTED", True, "CLOUD_API")

    run(check, speed=1.0)


@pytest.mark.parametrize(
    ("body", "code"),
    [({"cc": "44", "phone_number": "7700900118", "verified_name": "Twice"}, 100), ({"cc": "44"}, 100),
     ({"cc": "x", "phone_number": "12", "verified_name": "Short"}, 100)],
)  # fmt: skip
def test_a_number_that_makes_no_sense_is_not_added(body: dict[str, Any], code: int) -> None:
    async def check(lab: Lab) -> None:
        assert await code_of(lab, f"/v26.0/{world.WABA_ID}/phone_numbers", body) == code

    run(check)


def test_a_portfolio_has_room_for_a_number_of_numbers() -> None:
    async def check(lab: Lab) -> None:
        await lab.post(f"/_control/portfolios/{world.PORTFOLIO_ID}", {"number_limit": 4})
        body = {"cc": "44", "phone_number": "7700900131", "verified_name": "One too many"}
        _, answer = await lab.post(f"/v26.0/{world.WABA_ID}/phone_numbers", body)
        assert "limit of 4 phone numbers" in answer["error"]["error_data"]["details"]

    run(check)


@pytest.mark.parametrize("body", [{}, {"pin": "12345"}, {"pin": "12345a"}, {"pin": "１２３４５６"},
                                  {"pin": "123456", "data_localization_region": "MARS"}])  # fmt: skip
def test_registering_needs_six_digits_and_a_known_region(body: dict[str, Any]) -> None:
    async def check(lab: Lab) -> None:
        assert await code_of(lab, f"{PHONE}/register", {"messaging_product": "whatsapp", **body}) == 100
        assert await code_of(lab, f"{PHONE}/register", body) == 100

    run(check)


def test_a_wrong_pin_is_refused_slowed_down_and_locked() -> None:
    async def check(lab: Lab) -> None:
        codes = [await code_of(lab, f"{PHONE}/register", REGISTER) for _ in range(3)]
        assert codes == [133005, 133005, 133009]
        for _ in range(3):
            await lab.post("/_control/clock", {"advance_s": 11})
            assert await code_of(lab, f"{PHONE}/register", REGISTER) == 133005
        assert await code_of(lab, f"{PHONE}/register", {**REGISTER, "pin": world.PIN}) == 133008
        await lab.post(f"/_control/numbers/{world.PHONE_ID}/unlock")
        assert await code_of(lab, f"{PHONE}/register", {**REGISTER, "pin": world.PIN}) == 0

    run(check, speed=1.0)


def test_ten_calls_in_72_hours_are_enough() -> None:
    async def check(lab: Lab) -> None:
        body = {**REGISTER, "pin": world.PIN}
        assert [await code_of(lab, f"{PHONE}/register", body) for _ in range(11)] == [0] * 10 + [133016]
        await lab.post("/_control/clock", {"advance_s": 71 * 3600})
        assert await code_of(lab, f"{PHONE}/deregister") == 133016
        await lab.post("/_control/clock", {"advance_s": 2 * 3600})
        assert await code_of(lab, f"{PHONE}/deregister") == 0

    run(check, speed=1.0)


def test_a_deregistered_number_sends_nothing_until_it_is_back() -> None:
    async def check(lab: Lab) -> None:
        await lab.post(f"{PHONE}/deregister")
        assert (await lab.send())[1]["error"]["code"] == 133010
        assert await code_of(lab, f"{PHONE}/deregister") == 133010
        assert await code_of(lab, PHONE, {"pin": "111111"}) == 133010
        assert await code_of(lab, f"{PHONE}/register", {**REGISTER, "pin": world.PIN}) == 0
        assert (await lab.send())[0] == 200

    run(check)


def test_an_incomplete_deregistration_has_to_be_repeated() -> None:
    async def check(lab: Lab) -> None:
        await lab.post(f"/_control/numbers/{world.PHONE_ID}", {"is_deregistration_incomplete": True})
        assert await code_of(lab, f"{PHONE}/register", {**REGISTER, "pin": world.PIN}) == 133000
        assert await code_of(lab, f"{PHONE}/deregister") == 0
        assert await code_of(lab, f"{PHONE}/register", {**REGISTER, "pin": world.PIN}) == 0

    run(check)


def test_a_number_that_was_just_deleted_has_to_wait_five_minutes() -> None:
    async def check(lab: Lab) -> None:
        await lab.post(f"/_control/numbers/{world.PENDING_PHONE_ID}", {"status": "DELETED"})
        assert (await lab.get(PENDING))[1]["error"]["error_subcode"] == 33
        assert await code_of(lab, f"{PENDING}/register", REGISTER) == 133015
        body = {"cc": "44", "phone_number": "7700900119", "verified_name": "Again"}
        _, added = await lab.post(f"/v26.0/{world.WABA_ID}/phone_numbers", body)
        path = f"/v26.0/{added['id']}"
        await verified(lab, path)
        assert await code_of(lab, f"{path}/register", REGISTER) == 133015
        await lab.post("/_control/clock", {"advance_s": 301})
        assert await code_of(lab, f"{path}/register", REGISTER) == 0
        assert await code_of(lab, f"{PENDING}/register", REGISTER) == 100

    run(check, speed=1.0)


def test_the_pin_can_be_changed_and_the_change_is_told() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe("security")
        assert await code_of(lab, PHONE, {"pin": "222222"}) == 0
        assert await code_of(lab, PHONE, {"pin": "2222"}) == 100
        await lab.until(lambda: lab.values())
        assert lab.values() == [{"display_phone_number": "447700900118", "event": "PIN_CHANGED"}]
        assert number(lab, world.PHONE_ID).pin == "222222"

    run(check)


def test_codes_can_be_random_and_do_not_live_for_ever() -> None:
    async def check(lab: Lab) -> None:
        await lab.post("/_control/knobs", {"random_codes": True})
        body = {"code_method": "SMS", "language": "en_US"}
        sent = set()
        for _ in range(4):
            await lab.post(f"{PENDING}/request_code", body)
            sent.add(number(lab).code)
        assert len(sent) > 1 and all(len(code) == 6 for code in sent)
        await lab.post("/_control/clock", {"advance_s": 700})
        assert await code_of(lab, f"{PENDING}/verify_code", {"code": number(lab).code}) == 136025
        assert await code_of(lab, f"{PENDING}/request_code", {"code_method": "PIGEON", "language": "en_US"}) == 100
        assert await code_of(lab, f"{PHONE}/request_code", body) == 136024

    run(check, speed=1.0)


def test_a_further_business_leaves_added_numbers_alone() -> None:
    """Ids of added numbers follow the highest one, where the next business's number would be."""

    async def check(lab: Lab) -> None:
        await lab.post("/_control/businesses", {"name": "Quay Tea"})
        body = {"cc": "44", "phone_number": "7700900321", "verified_name": "Lumen Roastery"}
        _, added = await lab.post(f"/v26.0/{world.WABA_ID}/phone_numbers", body)
        _, made = await lab.post("/_control/businesses", {"name": "Mole Tea"})
        assert made["phone_number_id"] != added["id"]
        assert number(lab, added["id"]).waba_id == world.WABA_ID

    run(check)
