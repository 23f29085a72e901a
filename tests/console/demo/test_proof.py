"""The demo's proof fails when anything does not add up: this is what `make demo ONCE=1` exits with."""

from typing import Any

import pytest

from console.demo.proof import judge

OURS: dict[str, Any] = {
    "audience": 5,
    "excluded": {"consent_missing": 1},
    "accepted": 4,
    "unique_message_ids": 4,
    "sent": 3,
    "delivered": 3,
    "read": 1,
    "failed": {"131026": 1},
    "unknown": 0,
    "waiting": 0,
    "adds_up": True,
}
THEIRS = {"1": 1, "2": 1, "3": 1, "4": 1}


def test_a_run_that_adds_up_has_no_fault() -> None:
    proof = judge(OURS, THEIRS, seconds=12.34)
    assert proof.faults == []
    assert proof.line["simulator"] == {"accepted": 4, "recipients": 4, "max_per_recipient": 1}
    assert proof.line["failed"] == {"131026": 1}
    assert proof.line["seconds"] == 12.3


@pytest.mark.parametrize(
    ("ours", "theirs", "fault"),
    [
        ({"adds_up": False}, THEIRS, "do not add up"),
        ({"waiting": 1}, THEIRS, "still waiting"),
        ({"unique_message_ids": 3}, THEIRS, "message ids differ"),
        ({}, {**THEIRS, "4": 2}, "1 recipients got more than one"),
        ({}, {**THEIRS, "5": 1}, "accepted another number"),
        ({"accepted": 5, "unique_message_ids": 5}, THEIRS, "accepted another number"),
        ({"accepted": 0, "unique_message_ids": 0}, {}, "nobody was written to"),
    ],
)
def test_what_does_not_add_up_is_a_fault(ours: dict[str, Any], theirs: dict[str, int], fault: str) -> None:
    assert any(fault in found for found in judge({**OURS, **ours}, theirs, seconds=1).faults)


def test_an_unknown_outcome_may_or_may_not_have_been_taken() -> None:
    unknown = {"unknown": 1, "accepted": 3, "unique_message_ids": 3}
    assert judge({**OURS, **unknown}, THEIRS, seconds=1).faults == []
    assert judge({**OURS, **unknown}, {"1": 1, "2": 1, "3": 1}, seconds=1).faults == []
    assert judge({**OURS, **unknown}, {**THEIRS, "5": 1}, seconds=1).faults
