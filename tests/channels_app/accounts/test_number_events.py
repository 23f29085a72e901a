"""Webhooks about accounts and numbers: applied once, replayed without effect, never across workspaces."""

import pytest

from channels_app.accounts import actions
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.accounts import make_account, make_phone_number
from tests.factories.workspaces import make_workspace


@pytest.mark.parametrize(
    ("field", "value", "attribute", "expected"),
    [
        (
            "phone_number_quality_update",
            {"display_phone_number": "15550001111", "event": "THROUGHPUT_UPGRADE"},
            "throughput_level",
            "HIGH",
        ),
        (
            "phone_number_name_update",
            {"display_phone_number": "15550001111", "decision": "REJECTED"},
            "name_status",
            "DECLINED",
        ),
        (
            "business_capability_update",
            {"max_daily_conversations_per_business": "TIER_10K"},
            "messaging_limit",
            "TIER_10K",
        ),
    ],
)
def test_event_changes_the_number_once(
    workspace: Workspace, field: str, value: dict[str, str], attribute: str, expected: str
) -> None:
    account = make_account(workspace)
    number = make_phone_number(workspace, account, display_number="+1 555-000-1111")
    for _twice in range(2):
        assert actions.apply_number_event(workspace=workspace, waba_id=account.waba_id, field=field, value=value)
    number.refresh_from_db()
    assert getattr(number, attribute) == expected
    assert AuditEntry.objects.filter(action="accounts.apply_event").count() == 1


def test_review_decision(workspace: Workspace) -> None:
    account = make_account(workspace, review_status="PENDING")
    event = {"waba_id": account.waba_id, "field": "account_review_update", "value": {"decision": "APPROVED"}}
    assert actions.apply_number_event(workspace=workspace, **event)
    assert not actions.apply_number_event(workspace=make_workspace(), **event)
    account.refresh_from_db()
    assert account.review_status == "APPROVED"
