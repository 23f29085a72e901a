"""The story of one message is told in the order of its life, though Meta's clock counts whole seconds."""

from datetime import UTC, datetime

from channels_app.delivery.models import Message
from channels_app.delivery.queries import timeline


def test_reports_of_the_same_second_stand_behind_what_came_before_them() -> None:
    second = datetime(2026, 11, 23, 18, 0, 5, tzinfo=UTC)
    message = Message(
        status="delivered",
        created_at=second.replace(microsecond=100),
        claimed_at=second.replace(microsecond=200),
        accepted_at=second.replace(microsecond=900),
        sent_at=second,
        delivered_at=second,
    )
    assert [event.status for event in timeline(message)] == ["ready", "claimed", "accepted", "sent", "delivered"]
