"""The client of inspections: each question once, evidence of every call, silence noticed, nothing changed."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from channels_app.cloud_api.errors import GraphError, NotConnected
from channels_app.cloud_api.remembering import RememberingClient


def client(calls: list[str], *, ahead_s: float = 0, fails: type[httpx.HTTPError] | None = None) -> RememberingClient:
    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if fails is not None:
            raise fails("no")
        told = datetime.now(UTC) - timedelta(seconds=ahead_s)
        headers = {"date": format_datetime(told, usegmt=True)}
        if request.url.path.endswith("/hidden"):
            return httpx.Response(400, json={"error": {"code": 100, "message": "no"}}, headers=headers)
        return httpx.Response(200, json={"id": "1", "data": []}, headers=headers)

    return RememberingClient("EAAtoken", "secret", transport=httpx.MockTransport(answer))


def test_a_question_is_asked_once_and_touched_again() -> None:
    calls: list[str] = []
    with client(calls) as meta:
        meta.waba("1")
        meta.touched.clear()
        meta.waba("1")
        assert len(calls) == 1
        assert [note.asked for note in meta.touched] == ["GET /1"]
        assert meta.notes[0].answered == "HTTP 200"


def test_a_refusal_is_remembered_too() -> None:
    calls: list[str] = []
    with client(calls) as meta:
        for _twice in range(2):
            with pytest.raises(GraphError):
                meta.node("hidden")
        assert len(calls) == 1
        assert meta.notes[0].answered == "error 100"


def test_after_no_answer_nobody_is_asked_again() -> None:
    calls: list[str] = []
    with client(calls, fails=httpx.ConnectError) as meta:
        for waba_id in ("1", "2", "3"):
            with pytest.raises(NotConnected):
                meta.waba(waba_id)
    assert len(calls) == 1


@pytest.mark.parametrize("ahead_s", [0, 300, -300])
def test_the_clock_is_compared_with_metas(ahead_s: float) -> None:
    with client([], ahead_s=ahead_s) as meta:
        meta.waba("1")
        assert meta.clock_offset_s is not None
        assert abs(meta.clock_offset_s - ahead_s) < 3


def test_nothing_is_changed_and_no_token_noted() -> None:
    with client([]) as meta:
        with pytest.raises(ValueError, match="changes nothing"):
            meta.subscribe_app("1")
        meta.debug_token("4300")
        assert "EAA" not in str(meta.notes)
