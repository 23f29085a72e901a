"""What Meta's codes mean to whoever sends, and that each has words."""

import re

import pytest

from channels_app.cloud_api.codes import CODES, explain
from channels_app.cloud_api.errors import (
    GraphError,
    ObjectMissing,
    Outcome,
    PermissionMissing,
    TemplateRefused,
    Throttled,
    TokenRefused,
    Unreadable,
    graph_error,
)
from channels_app.cloud_api.usage import retry_after_s, usage_of
from tests.support.reference import CLOUD_API

REFERENCE = CLOUD_API


def envelope(code: int, subcode: int | None = None, **more: object) -> dict[str, object]:
    return {"error": {"code": code, "error_subcode": subcode, "message": f"(#{code}) x", **more}}


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (190, Outcome.STOP_CREDENTIALS),
        (10, Outcome.STOP_CREDENTIALS),
        (200, Outcome.STOP_CREDENTIALS),
        (299, Outcome.STOP_CREDENTIALS),
        (2, Outcome.RETRY_SOON),
        (131016, Outcome.RETRY_SOON),
        (80007, Outcome.RETRY_LATER),
        (130429, Outcome.SLOW_NUMBER),
        (131056, Outcome.HOLD_PAIR),
        (131048, Outcome.PAUSE_NUMBER),
        (133010, Outcome.PAUSE_NUMBER),
        (132001, Outcome.PAUSE_TEMPLATE),
        (132015, Outcome.PAUSE_TEMPLATE),
        (131050, Outcome.SUPPRESS),
        (131026, Outcome.FAIL),
        (987654, Outcome.FAIL),
    ],
)
def test_code_leads_to_an_outcome(code: int, outcome: Outcome) -> None:
    assert graph_error(envelope(code), 400).outcome == outcome


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (190, 463, TokenRefused),
        (200, None, PermissionMissing),
        (100, 33, ObjectMissing),
        (130429, None, Throttled),
        (132000, None, TemplateRefused),
        (100, 2388299, TemplateRefused),
    ],
)
def test_code_leads_to_a_class(code: int, subcode: int | None, expected: type[GraphError]) -> None:
    assert type(graph_error(envelope(code, subcode), 400)) is expected


def test_details_come_from_error_data() -> None:
    error = graph_error(envelope(132000, error_data={"details": "body: 1 of 2"}), 400)
    assert (error.code, error.details) == (132000, "body: 1 of 2")


@pytest.mark.parametrize("body", [None, [], {}, {"error": "down"}, {"error": {"code": "190"}}])
def test_what_is_no_envelope_proves_nothing(body: object) -> None:
    error = graph_error(body, 502)
    assert isinstance(error, Unreadable)
    assert error.outcome == Outcome.UNKNOWN


def test_unheard_of_code_of_a_broken_server_proves_nothing() -> None:
    assert graph_error(envelope(987654), 500).outcome == Outcome.UNKNOWN


def test_wait_is_read_from_headers_before_the_table() -> None:
    assert graph_error(envelope(4), 400, {"retry-after": "7"}).retry_after_s == 7
    assert graph_error(envelope(131057), 500).retry_after_s == 90


def test_usage_headers() -> None:
    headers = {
        "x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}',
        "x-business-use-case-usage": '{"21":[{"type":"whatsapp","call_count":97,"estimated_time_to_regain_access":15}]}',
    }
    usage = usage_of(headers)
    assert usage and (usage.percent, usage.regain_access_s) == (97, 900)
    assert retry_after_s(headers) == 900
    assert usage_of({"x-app-usage": "nonsense"}) is None


def test_every_explanation_has_words() -> None:
    for code, words in CODES.items():
        assert str(words.title) and str(words.sentence) and str(words.remedy) and str(words.turn_label), code


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not on this machine")
def test_every_code_of_the_reference_is_explained() -> None:
    section = REFERENCE.read_text().split("## 6. Error codes")[1].split("### 6.8")[0]
    cells = re.findall(r"^\| ([0-9][0-9 ,/\-]*) \|", section, re.MULTILINE)
    codes: set[int] = set()
    for cell in cells:
        for part in re.split(r"[,/]", cell.replace(" ", "")):
            low, _, high = part.partition("-")
            codes.update(range(int(low), int(high or low) + 1))
    assert len(codes) > 100
    assert [code for code in sorted(codes) if not explain(code).is_known] == []
