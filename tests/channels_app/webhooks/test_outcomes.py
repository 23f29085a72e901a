"""What became of each item: kept with its body, and said on its page as things are now."""

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery.models import Message
from channels_app.webhooks import itemizing, tasks
from channels_app.webhooks.models import WebhookBody
from console.workspaces.models import Workspace
from tests.channels_app.webhooks.test_applying import inbound, messages, preference, status, store
from tests.factories.accounts import make_account, make_phone_number
from tests.factories.delivery import make_messages
from tests.factories.workspaces import make_workspace


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    return make_phone_number(workspace, make_account(workspace, waba_id="210000000000002"))


def applied(number: PhoneNumber, *changes: tuple[str, dict[str, object]]) -> WebhookBody:
    body = store(number, *changes)
    tasks.apply_stored()
    body.refresh_from_db()
    return body


def test_outcomes_and_fields_are_kept(number: PhoneNumber) -> None:
    known = make_messages(number, 1)[0]
    Message.objects.filter(pk=known.pk).update(wamid="wamid.K", status="accepted")
    body = applied(
        number,
        messages(
            number,
            statuses=[status("wamid.K"), status("wamid.K", "sent"), status("wamid.NOBODY"), status("w", timestamp="x")],
            messages=[inbound()],
        ),
        preference("stop"),
        ("flows", {"a": 1}),
    )
    assert body.field_names == ["flows", "messages", "user_preferences"]
    assert body.outcomes["status"] == {"applied": 2, "waits": 1, "quarantined": 1}
    assert body.outcomes["message"] == {"applied": 1} and body.outcomes["other"] == {"ignored": 1}
    assert body.status == "partly"


def test_the_page_says_what_each_item_came_to(number: PhoneNumber, owner_client: Client) -> None:
    known = make_messages(number, 1)[0]
    Message.objects.filter(pk=known.pk).update(wamid="wamid.K", status="accepted")
    body = applied(
        number,
        messages(number, statuses=[status("wamid.K"), status("wamid.NOBODY"), "junk"], messages=[inbound("wamid.IN")]),
        messages(make_number_elsewhere(), messages=[inbound("wamid.FOREIGN")]),
        ("flows", {"a": 1}),
    )
    texts = [row["text"] for row in itemizing.item_rows(WebhookBody.objects.get(pk=body.pk))[0]]
    assert texts == [
        "Applied to a message",
        "Kept: no message has this id yet",
        "In quarantine: not an object",
        "Kept as a message to us",
        "Waits until its number is connected",
        "Ignored: Waymark does nothing with this field",
    ]
    page = owner_client.get(reverse("webhooks:body", args=[number.workspace.slug, body.pk])).content.decode()
    assert reverse("delivery:message", args=[number.workspace.slug, known.pk]) in page
    assert page.count("Apply again") == 2


def make_number_elsewhere() -> PhoneNumber:
    return make_phone_number(make_workspace())


def test_another_workspaces_message_is_not_linked(number: PhoneNumber) -> None:
    stranger = make_messages(make_number_elsewhere(), 1)[0]
    Message.objects.filter(pk=stranger.pk).update(wamid="wamid.THEIRS", status="accepted")
    body = applied(number, messages(number, statuses=[status("wamid.THEIRS")]))
    row = itemizing.item_rows(body)[0][0]
    assert row["url"] == "" and "Kept" in row["text"]


def test_many_items_are_cut_and_many_fields_fit(number: PhoneNumber, owner_client: Client) -> None:
    statuses = [status(f"w{at}") for at in range(itemizing.MOST_ITEMS + 5)]
    body = applied(number, messages(number, statuses=statuses), *[(f"field_{at:03}" * 4, {}) for at in range(40)])
    assert len(body.fields) <= 200 and body.fields.startswith(" ") and body.fields.endswith(" ")
    page = owner_client.get(reverse("webhooks:body", args=[number.workspace.slug, body.pk])).content.decode()
    assert "The first 200 of 245 items" in page
