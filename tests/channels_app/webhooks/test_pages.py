"""The vault: who sees what, and that nobody else's is seen."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.webhooks.models import QuarantinedItem, Refusal, WebhookBody
from console.kit import clock
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.accounts import make_credentials
from tests.factories.workspaces import make_member, make_workspace

BODY = b'{"object":"whatsapp_business_account","entry":[{"person":"Ada Demo","escaped":"caf\\u00e9"}]}'


@pytest.fixture
def row(workspace: Workspace) -> WebhookBody:
    now = clock.now()
    credentials = make_credentials(workspace)
    Refusal.objects.create(credentials=credentials, refused_on=now.date(), reason="stale", count=7)
    row = WebhookBody.objects.create(
        workspace=workspace, credentials=credentials, sha256="0" * 64, body=BODY, received_at=now, status="partly"
    )
    QuarantinedItem.objects.create(
        body=row, position=0, field="messages", item={"data": None}, failure="no id", created_at=now
    )
    return row


def test_vault_shows_bodies_refusals_and_quarantine(
    owner_client: Client, workspace: Workspace, row: WebhookBody
) -> None:
    page = owner_client.get(reverse("webhooks:list", args=[workspace.slug])).content.decode()
    assert "Applied in part" in page and "no id" in page and "Signed with a former app secret" in page
    assert "Ada Demo" not in page


def test_body_is_pretty_printed_for_those_who_manage_accounts(
    owner_client: Client, workspace: Workspace, row: WebhookBody, client_of: Callable[[User], Client]
) -> None:
    url = reverse("webhooks:body", args=[workspace.slug, row.pk])
    page = owner_client.get(url).content.decode()
    assert "Ada Demo" in page and "café" in page
    viewer = client_of(make_member(workspace, Role.VIEWER))
    assert viewer.get(reverse("webhooks:list", args=[workspace.slug])).status_code == 200
    assert viewer.get(url).status_code == 403


def test_strangers_find_nothing(row: WebhookBody, client_of: Callable[[User], Client]) -> None:
    other = make_workspace()
    client = client_of(make_member(other))
    assert client.get(reverse("webhooks:body", args=[other.slug, row.pk])).status_code == 404
    item = row.quarantined.get()
    assert client.post(reverse("webhooks:apply_again", args=[other.slug, item.pk])).status_code == 404
    assert client.get(reverse("webhooks:body", args=[row.workspace.slug, row.pk])).status_code == 404


def test_apply_again_that_fails_again_is_explained(
    owner_client: Client, workspace: Workspace, row: WebhookBody
) -> None:
    answer = owner_client.post(reverse("webhooks:apply_again", args=[workspace.slug, row.quarantined.get().pk]))
    assert answer.status_code == 409
    assert "still can&#x27;t be applied" in answer.content.decode()


def test_older_bodies_are_paged(owner_client: Client, workspace: Workspace, row: WebhookBody) -> None:
    now = clock.now()
    WebhookBody.objects.bulk_create(
        WebhookBody(workspace=workspace, credentials=row.credentials, sha256=str(n), body=b"{}", received_at=now)
        for n in range(60)
    )
    url = reverse("webhooks:list", args=[workspace.slug])
    first = owner_client.get(url).context["list"]
    assert len(first.rows) == 50
    second = owner_client.get(first.next_url).context["list"]
    assert len(second.rows) == 11
    assert not {item.pk for item in first.rows} & {item.pk for item in second.rows}
