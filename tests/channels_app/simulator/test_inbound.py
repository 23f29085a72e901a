"""Every kind of message and event that people can cause, in Meta's shape (reference 4.6, 4.8, 7.1)."""

import base64
import hashlib
from typing import Any

import pytest

from channels_app.simulator import world
from channels_app.simulator.identities import bsuid_of

from .harness import Lab, run

Json = dict[str, Any]
DIGITS = "447700905556"
BSUID = bsuid_of(DIGITS)
TEXT = {"type": "text", "text": {"body": "Hi"}}


async def act(lab: Lab, kind: str, **data: Any) -> Json:
    """Let the person act after the app is subscribed; the answer of the control surface."""
    status, body = await lab.post("/_control/inbound", {"from": f"+{DIGITS}", "kind": kind, **data})
    assert status == 200, body
    return dict(body)


async def one(lab: Lab, kind: str, **data: Any) -> Json:
    """The message that arrives for an act."""
    before = len(lab.inbound())
    await act(lab, kind, **data)
    await lab.until(lambda: len(lab.inbound()) > before)
    return lab.inbound()[-1]


COMMON = {"from", "from_user_id", "id", "timestamp", "type"}


def test_a_text_says_who_wrote_it() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        message = await one(lab, "text", text="Hello")
        assert set(message) == {*COMMON, "text"} and message["text"] == {"body": "Hello"}
        assert (message["from"], message["from_user_id"]) == (DIGITS, BSUID)
        contact = lab.values()[-1]["contacts"][0]
        assert contact["wa_id"] == DIGITS and contact["user_id"] == BSUID

    run(check)


def test_somebody_known_by_id_only_shows_no_phone_anywhere() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        message = await one(lab, "text", text="Hello", phone_hidden=True)
        assert "from" not in message and message["from_user_id"] == BSUID
        assert "wa_id" not in lab.values()[-1]["contacts"][0]
        await lab.post("/_control/inbound", {"from": BSUID, "text": "By id"})
        await lab.until(lambda: len(lab.inbound()) == 2)
        assert lab.inbound()[1]["from_user_id"] == BSUID

    run(check)


def test_context_tells_of_answers_forwards_and_products() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        _, sent = await lab.send(DIGITS)
        wamid = sent["messages"][0]["id"]
        assert (await one(lab, "text", text="This one", reply_to=wamid))["context"] == {
            "from": "447700900118", "id": wamid,
        }  # fmt: skip
        assert (await one(lab, "text", text="FYI", forwarded=True))["context"] == {"forwarded": True}
        assert (await one(lab, "text", text="FYI", frequently_forwarded=True))["context"] == {
            "frequently_forwarded": True
        }
        product = (await one(lab, "text", text="In stock?", reply_to=wamid, referred_product=True))["context"]
        assert product["id"] == wamid and product["referred_product"]["product_retailer_id"] == "sku1"
        referral = (await one(lab, "referral", text="Info?"))["referral"]
        assert referral["source_type"] == "ad" and referral["ctwa_clid"] and referral["welcome_message"]
        assert (await one(lab, "text", text="Hi all", group=True))["group_id"]

    run(check)


@pytest.mark.parametrize(
    ("kind", "mime", "more"),
    [("image", "image/png", {"caption"}), ("video", "video/mp4", {"caption"}), ("audio", "audio/ogg; codecs=opus", {"voice"}),
     ("document", "application/pdf", {"caption", "filename"}), ("sticker", "image/webp", {"animated"})],
)  # fmt: skip
def test_a_file_can_be_downloaded_and_is_what_its_hash_says(kind: str, mime: str, more: set[str]) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        message = await one(lab, kind, caption="Like this?")
        content = message[kind]
        assert message["type"] == kind and set(content) == {"mime_type", "sha256", "id", "url", *more}
        assert content["mime_type"] == mime
        _, node = await lab.get(f"/v26.0/{content['id']}")
        for url in (content["url"], node["url"]):
            async with lab.http.get(url, headers={"Authorization": f"Bearer {world.TOKEN}"}) as response:
                data = await response.read()
                assert response.headers["Content-Type"] == mime
            assert base64.b64encode(hashlib.sha256(data).digest()).decode() == content["sha256"] == node["sha256"]
        async with lab.http.get(content["url"]) as response:
            assert response.status == 401

    run(check)


def test_a_file_can_be_large_or_without_an_address() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        content = (await one(lab, "document", size_bytes=6_000_000, without_url=True))["document"]
        assert "url" not in content
        assert (await lab.get(f"/v26.0/{content['id']}"))[1]["file_size"] == "6000000"
        status, body = await lab.post(
            "/_control/inbound", {"from": DIGITS, "kind": "image", "size_bytes": 10**9}
        )  # fmt: skip
        assert status == 400 and "size_bytes" in body["error"]

    run(check)


SHAPES: list[tuple[str, Json, str, set[str]]] = [
    ("location", {}, "location", {"address", "latitude", "longitude", "name", "url"}),
    ("order", {}, "order", {"catalog_id", "text", "product_items"}),
    ("unsupported", {"type": "poll_creation"}, "unsupported", {"type"}),
    ("oversized", {}, "unsupported", {"type"}),
]


@pytest.mark.parametrize(("kind", "data", "key", "keys"), SHAPES)
def test_other_kinds_have_their_keys(kind: str, data: Json, key: str, keys: set[str]) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        message = await one(lab, kind, **data)
        assert message["type"] == key and set(message[key]) == keys
        if key == "unsupported":
            code = message["errors"][0]["code"]
            assert code == (131052 if kind == "oversized" else 131051)
            assert not lab.sim.limits.has_window(world.PHONE_ID, DIGITS, lab.sim.clock.now())

    run(check)


def test_a_contact_card_may_have_been_asked_for() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        card = (await one(lab, "contacts"))["contacts"][0]
        assert card["origin"] == "contact_request" and card["phones"][0]["wa_id"] == DIGITS
        assert card["vcard"].startswith("BEGIN:VCARD")
        assert (await one(lab, "contacts", origin="other"))["contacts"][0]["origin"] == "other"

    run(check)


def test_answers_to_buttons_lists_and_flows_name_the_message() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        rows = [{"id": "t9", "title": "09:00", "description": "Free"}, {"id": "t10", "title": "10:00"}]
        for action in (
            {"button": "Times", "sections": [{"title": "Today", "rows": rows}]},
            {"buttons": [{"type": "reply", "reply": {"id": "move", "title": "Move"}}]},
        ):
            interactive = {
                "type": "button" if "buttons" in action else "list",
                "body": {"text": "When?"},
                "action": action,
            }
            _, sent = await lab.send(DIGITS, type="interactive", interactive=interactive)
            reply = await one(lab, "button", index=0)
            assert reply["context"]["id"] == sent["messages"][0]["id"]
            kind = reply["interactive"]["type"]
            assert reply["interactive"][kind]["id"] == ("move" if kind == "button_reply" else "t9")
        assert (await one(lab, "list_reply"))["interactive"]["list_reply"]["title"] == "09:00"
        flow = (await one(lab, "flow_reply", response={"rating": "4"}))["interactive"]["nfm_reply"]
        assert flow["response_json"] == '{"rating": "4"}'

    run(check)


def test_a_reaction_comes_and_goes() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        await lab.send(DIGITS)
        assert (await one(lab, "reaction"))["reaction"]["emoji"] == "\U0001f44d"
        assert set((await one(lab, "reaction", emoji=""))["reaction"]) == {"message_id"}

    run(check)


def test_a_person_edits_and_takes_back_a_message() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        first = (await act(lab, "text", text="Do you open on Sunday?"))["id"]
        changed = await one(lab, "edit", text="On Monday?", wamid=first)
        assert changed["edit"]["original_message_id"] == first
        assert changed["edit"]["message"]["text"]["body"] == "On Monday?"
        assert (await one(lab, "revoke", wamid=first))["revoke"] == {"original_message_id": first}

    run(check)


def test_a_username_may_take_the_phone_out_of_webhooks() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        message = await one(lab, "username", username="ada_demo", text="It is me")
        contact = lab.values()[-1]["contacts"][0]
        assert contact["profile"]["username"] == "ada_demo" and "wa_id" not in contact and "from" not in message
        await act(lab, "username", username="")
        assert (await one(lab, "text", text="Back"))["from"] == DIGITS

    run(check)


@pytest.mark.parametrize(
    ("data", "kind"),
    [({}, "user_changed_number"), ({"legacy": True}, "customer_changed_number"), ({"hidden": True}, "user_changed_user_id")],
)  # fmt: skip
def test_a_changed_number_links_the_old_identity_to_the_new_one(data: Json, kind: str) -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        await act(lab, "stop")
        message = await one(lab, "number_change", to="+447700905999", **data)
        system = message["system"]
        assert message["type"] == "system" and system["type"] == kind
        assert (system["previous_user_id"], system["user_id"]) == (BSUID, bsuid_of("447700905999"))
        assert "contacts" not in lab.values()[-1] and "from_user_id" not in message
        if data.get("hidden"):
            assert "from" not in message and "wa_id" not in system and DIGITS not in str(system)
        else:
            assert (message["from"], system["new_wa_id" if data else "wa_id"]) == (DIGITS, "447700905999")
        _, person = await lab.get("/_control/users/447700905999")
        assert person["marketing_stopped"] and person["phone_shared"] is not bool(data.get("hidden"))
        await lab.send(DIGITS)
        await lab.until(lambda: lab.statuses())
        assert lab.statuses()[0]["errors"][0]["code"] == 131026

    run(check)


def test_an_identity_can_change_without_the_number() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        message = await one(lab, "identity_change")
        assert message["system"]["type"] == "customer_identity_changed"
        assert set(message["identity"]) == {"acknowledged", "created_timestamp", "hash"}
        assert lab.values()[-1]["contacts"]

    run(check)


def test_an_error_may_come_without_a_message_and_a_signup_as_a_preference() -> None:
    async def check(lab: Lab) -> None:
        await lab.subscribe()
        await act(lab, "error", code=130429)
        await lab.until(lambda: lab.values())
        value = lab.values()[0]
        assert value["errors"][0]["code"] == 130429 and "messages" not in value and value["metadata"]
        await act(lab, "signup")
        await lab.until(lambda: lab.told("user_preferences"))
        preference = lab.told("user_preferences")[0]["user_preferences"][0]
        assert preference["value"] == "signup" and preference["signup_id"]

    run(check)


@pytest.mark.parametrize(
    "data",
    [{"kind": "dance"}, {"from": "12"}, {"from": "US.1"}, {"phone_number_id": "1"}, {"kind": "text", "text": " "},
     {"kind": "button"}, {"kind": "reaction", "wamid": "wamid.x"}, {"kind": "edit", "wamid": "wamid.x"},
     {"kind": "unsupported", "type": "dance"}, {"kind": "number_change", "to": DIGITS}],
)  # fmt: skip
def test_an_act_that_makes_no_sense_is_refused_with_a_sentence(data: Json) -> None:
    async def check(lab: Lab) -> None:
        status, body = await lab.post("/_control/inbound", {"from": f"+{DIGITS}", **data})
        assert status in (400, 404) and body["error"].endswith((".", "got."))

    run(check)


def test_the_phone_page_shows_what_was_sent() -> None:
    async def check(lab: Lab) -> None:
        await act(lab, "image", caption="Mine")
        await act(lab, "location")
        await act(lab, "contacts")
        await act(lab, "number_change")
        _, chat = await lab.get(f"/_control/conversations/{DIGITS}")
        image, place, card, note = chat["items"]
        assert image["body"] == "Mine" and image["header"]["url"].startswith("/_control/media/")
        assert place["header"]["kind"] == "location" and card["body"] == "[contacts]"
        assert note["note"] == "user_changed_number"
        async with lab.http.get(lab.base + image["header"]["url"]) as response:
            assert response.status == 200

    run(check)
