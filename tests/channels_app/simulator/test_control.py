"""Faults, ledger, clock, reset, persistence, pages, and who may use them."""

import json
import re
from pathlib import Path

import aiohttp
import pytest

from channels_app.simulator import world
from channels_app.simulator.control.pages import UI, strings

from .harness import Lab, run

MESSAGES = f"/v26.0/{world.PHONE_ID}/messages"
# How the scripts name a word: words.x, act("x", group("x", pick(`...`, "x", presets ["x", { endpoint.
WORDS = (
    r"\bwords\.([a-z_0-9]+)", r"\b(?:act|group)\(\"([a-z_0-9]+)\"", r"\b(?:pick|fill)\(`[^`]*`, \"([a-z_0-9]+)\"",
    r"\[\"([a-z_]+)\", \{ endpoint", r"toggle\(\"[a-z_]+\", \"([a-z_]+)\"",
)  # fmt: skip


def test_faults_strike_next_n_and_every_nth() -> None:
    async def check(lab: Lab) -> None:
        await lab.post("/_control/faults", {"kind": "error", "code": 131016, "mode": "next", "n": 2})
        assert [(await lab.send())[0] for _ in range(3)] == [500, 500, 200]
        await lab.post("/_control/faults", {"kind": "throttle", "mode": "every", "n": 2})
        assert [(await lab.send())[0] for _ in range(4)] == [200, 400, 200, 400]
        assert lab.headers["Retry-After"]
        assert (await lab.call("DELETE", "/_control/faults"))[1] == {"removed": 1}
        assert (await lab.post("/_control/faults", {"kind": "nonsense"}))[0] == 400

    run(check)


@pytest.mark.parametrize(("kind", "accepted"), [("cut_before", 0), ("cut_after", 1), ("timeout_after", 1)])
def test_a_lost_answer_says_nothing_about_acceptance(kind: str, accepted: int) -> None:
    async def check(lab: Lab) -> None:
        await lab.post("/_control/faults", {"kind": kind, "mode": "next"})
        timeout = aiohttp.ClientTimeout(total=0.4)
        with pytest.raises((aiohttp.ClientError, TimeoutError)):
            await lab.call("POST", MESSAGES, json={"messaging_product": "whatsapp", "to": "+447700905555", "type": "text",
                                                   "text": {"body": "Hi"}}, timeout=timeout)  # fmt: skip
        _, summary = await lab.get("/_control/ledger/summary")
        assert summary["accepted"] == accepted

    run(check)


def test_magic_numbers_lose_their_answer() -> None:
    async def check(lab: Lab) -> None:
        async with lab.http.post(
            lab.base + MESSAGES, headers={"Authorization": f"Bearer {world.TOKEN}"},
            json={"messaging_product": "whatsapp", "to": "+447700900015", "type": "text", "text": {"body": "Hi"}},
        ) as response:  # fmt: skip
            assert response.status == 500
        assert len(lab.sim.ledger) == 1

    run(check)


def test_the_summary_counts_people_and_callback_data() -> None:
    async def check(lab: Lab) -> None:
        for index, to in enumerate(("+447700905551", "+447700905552", "+447700905552")):
            await lab.send(to, biz_opaque_callback_data=f"run-a-{index}")
        await lab.send("+447700905553", biz_opaque_callback_data="run-b-0")
        _, all_of_them = await lab.get("/_control/ledger/summary")
        _, run_a = await lab.get("/_control/ledger/summary?callback_prefix=run-a-")
        assert (all_of_them["accepted"], run_a["accepted"]) == (4, 3)
        assert (run_a["unique_recipients"], run_a["max_per_recipient"]) == (2, 2)
        assert run_a["callback_data_with_more_than_one"] == 0
        _, first = await lab.get("/_control/ledger?limit=3")
        _, rest = await lab.get(f"/_control/ledger?after={first['next_after']}")
        assert [row["id"] for row in first["data"] + rest["data"]] == [1, 2, 3, 4] and rest["next_after"] is None

    run(check)


def test_the_clock_can_be_sped_up_and_jumped() -> None:
    async def check(lab: Lab) -> None:
        await lab.send("+447700900004")
        assert not any(message.stage == 2 for message in lab.sim.ledger.rows())
        _, body = await lab.post("/_control/clock", {"advance_s": 10 * 3600, "speed": 50})
        assert body["speed"] == 50
        await lab.until(lambda: lab.sim.ledger.stages[2] + lab.sim.ledger.stages[3])

    run(check, speed=1.0)


def test_a_reset_forgets_messages_and_keeps_tokens() -> None:
    async def check(lab: Lab) -> None:
        _, made = await lab.post("/_control/tokens", {})
        _, sent = await lab.send()
        await lab.post("/_control/reset")
        assert len(lab.sim.ledger) == 0 and made["token"] in lab.sim.tokens
        _, again = await lab.send()
        assert again["messages"][0]["id"] != sent["messages"][0]["id"]
        await lab.post("/_control/reset", {"world": True})
        assert made["token"] not in lab.sim.tokens

    run(check)


def test_a_restart_remembers(tmp_path: Path) -> None:
    path = str(tmp_path / "sim.sqlite3")
    kept: dict[str, str] = {}

    async def before(lab: Lab) -> None:
        await lab.subscribe()
        _, made = await lab.post("/_control/tokens", {})
        _, sent = await lab.send("+447700900004", biz_opaque_callback_data="keep-1")
        await lab.post("/_control/inbound", {"from": "+447700905557", "text": "Hello"})
        kept.update(token=made["token"], wamid=sent["messages"][0]["id"])

    async def after(lab: Lab) -> None:
        assert kept["token"] in lab.sim.tokens and world.APP_ID in lab.sim.wabas[world.WABA_ID].subscribed
        _, ledger = await lab.get("/_control/ledger")
        assert [row["wamid"] for row in ledger["data"]] == [kept["wamid"]]
        _, chat = await lab.get("/_control/conversations/447700905557")
        assert chat["items"][0]["body"] == "Hello" and chat["window_open"]
        await lab.post("/_control/clock", {"advance_s": 10 * 3600})
        await lab.until(lambda: lab.sim.ledger.stages[2] + lab.sim.ledger.stages[3])
        _, sent = await lab.send()
        assert sent["messages"][0]["id"] != kept["wamid"]

    run(before, store=path, speed=1.0)
    run(after, store=path, speed=1.0)


def test_the_phone_shows_the_filled_in_template() -> None:
    async def check(lab: Lab) -> None:
        await lab.send("+447700905555")
        _, chat = await lab.get("/_control/conversations/+447700905555")
        assert chat["items"][0]["body"] == "Hi Ada, order A-1 is ready for pickup."
        _, people = await lab.get("/_control/conversations?search=5555")
        assert people["data"][0]["digits"] == "447700905555"

    run(check)


def test_pages_come_in_both_languages_with_a_strict_policy() -> None:
    async def check(lab: Lab) -> None:
        for language, word in (("en", "Phone"), ("ko", "휴대폰")):
            for page in ("", "phone"):
                async with lab.http.get(f"{lab.base}/_control/{page}?lang={language}") as response:
                    text = await response.text()
                    assert word in text and "[[" not in text and "Simulator" in text
                    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        async with lab.http.get(f"{lab.base}/_control/ui/..%2Fworld.py") as response:
            assert response.status == 404

    run(check)
    assert strings()["en"].keys() == strings()["ko"].keys()


def test_every_word_of_the_scripts_is_in_both_languages() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in UI.glob("*.js"))
    used = {word for pattern in WORDS for word in re.findall(pattern, scripts)}
    assert len(used) > 150
    for language, words in strings().items():
        assert not used - set(words), language
        assert all(words.values())


def test_the_overview_has_a_section_for_everything_that_can_happen() -> None:
    async def check(lab: Lab) -> None:
        async with lab.http.get(f"{lab.base}/_control/?lang=en") as response:
            text = await response.text()
        for section in ("numbers", "accounts", "portfolios", "tokens", "webhooks", "people", "faults", "templates"):
            assert f'id="s-{section}"' in text and f'href="#s-{section}"' in text
        for name in UI.glob("*.js"):
            async with lab.http.get(f"{lab.base}/_control/ui/{name.name}") as response:
                assert response.status == 200 and response.content_type == "text/javascript"

    run(check)


def test_strangers_and_other_origins_are_refused() -> None:
    async def check(lab: Lab) -> None:
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            async with lab.http.post(f"{lab.base}/_control/reset", headers=headers, json={}) as response:
                assert response.status == 403
        async with lab.http.post(f"{lab.base}/_control/reset", data=json.dumps({"world": True})) as response:
            assert response.status == 415

    run(check)
