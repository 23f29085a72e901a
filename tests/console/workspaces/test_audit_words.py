"""The audit trail says what changed in words, whatever shape an action wrote it in."""

import pytest

from console.workspaces.models import AuditEntry


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"role": ["viewer", "marketer"]}, [("role", "viewer → marketer")]),
        ({"is_staff": [None, True]}, [("is staff", "True")]),
        ({"role": ["viewer", None]}, [("role", "viewer → –")]),
        ({"options": {"country": "GB", "consents": []}}, [("options", "country: GB, consents: –")]),
        ({"slots": ["body.1", "body.2", "body.3"]}, [("slots", "body.1, body.2, body.3")]),
        ({"size_bytes": 12}, [("size bytes", "12")]),
        ({}, []),
    ],
)
def test_changes_read_as_words(changes: dict[str, object], words: list[tuple[str, str]]) -> None:
    assert AuditEntry(changes=changes).changes_in_words == words
