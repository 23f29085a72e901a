"""Syncing from Meta: paging, new versions only for new content, what disappears, and what goes wrong on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import time_machine
from django.test.utils import CaptureQueriesContext

from channels_app.accounts.models import WhatsAppAccount
from channels_app.cloud_api.client import ManagementClient
from channels_app.message_templates import actions, tasks
from channels_app.message_templates.models import MessageTemplate, TemplateSync, TemplateTranslation, TemplateVersion
from channels_app.message_templates.syncing import Found
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.message_templates import BODY, make_account, make_node, paged_transport

pytestmark = pytest.mark.django_db
MOMENTS = (datetime(2026, 3, 9, 10, minute, tzinfo=UTC) for minute in range(60))


@pytest.fixture
def account(workspace: Workspace) -> WhatsAppAccount:
    return make_account(workspace)


@pytest.fixture
def meta() -> Iterator[list[Any]]:
    """What Meta lists; answered in pages of two."""
    listed: list[Any] = []
    before = ManagementClient.default_transport
    ManagementClient.default_transport = paged_transport(lambda: listed)
    yield listed
    ManagementClient.default_transport = before


def sync(account: WhatsAppAccount) -> Found | None:
    account.refresh_from_db()
    return actions.sync_account(actor=Actor.system("test"), account=account)


def test_all_pages_are_read_and_languages_gather_under_their_name(account: WhatsAppAccount, meta: list[Any]) -> None:
    meta += [make_node(name="welcome", language="en_US"), make_node(name="welcome", language="ko")]
    meta += [make_node(name=f"other_{number}") for number in range(5)]
    assert sync(account) == Found(seen=7, new=7)
    assert MessageTemplate.objects.count() == 6
    welcome = MessageTemplate.objects.get(name="welcome")
    assert sorted(welcome.translations.values_list("language", flat=True)) == ["en_US", "ko"]
    version = TemplateVersion.objects.filter(translation__template=welcome).first()
    assert version is not None
    assert [slot["key"] for slot in version.slots] == ["body.first_name", "body.order_no"]
    account.refresh_from_db()
    assert account.templates_synced_at is not None
    assert AuditEntry.objects.get(action="message_templates.sync_finish").changes["new"] == 7


def test_a_second_sync_changes_nothing(account: WhatsAppAccount, meta: list[Any]) -> None:
    meta += [make_node() for _ in range(3)]
    sync(account)
    assert sync(account) == Found(seen=3)
    assert TemplateVersion.objects.count() == 3


def test_only_changed_content_makes_a_version_and_signed_sample_addresses_do_not_count(
    account: WhatsAppAccount, meta: list[Any]
) -> None:
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://scontent/one"]}}
    node = make_node(components=[header, BODY])
    meta.append(node)
    sync(account)
    node["components"] = [{**header, "example": {"header_handle": ["https://scontent/two"]}}, BODY]
    assert sync(account) == Found(seen=1)
    node["components"] = [header, {"type": "BODY", "text": "Changed for {{first_name}}"}]
    assert sync(account) == Found(seen=1, changed=1)
    translation = TemplateTranslation.objects.get()
    assert list(translation.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert translation.version is not None and translation.version.number == 2


def test_status_category_quality_and_reason_are_taken_over(account: WhatsAppAccount, meta: list[Any]) -> None:
    node = make_node(status="PENDING", category="UTILITY", quality_score={"score": "UNKNOWN"})
    meta.append(node)
    with time_machine.travel("2026-03-09T10:00Z", tick=False):
        sync(account)
    node |= {
        "status": "REJECTED", "category": "MARKETING", "previous_category": "UTILITY", "correct_category": "MARKETING",
        "rejected_reason": "INVALID_FORMAT", "quality_score": {"score": "RED"},
    }  # fmt: skip
    with time_machine.travel("2026-03-09T11:00Z", tick=False):
        assert sync(account) == Found(seen=1, changed=1)
    row = TemplateTranslation.objects.select_related("template").get()
    assert (row.status, row.category, row.rejected_reason, row.quality_score) == (
        "REJECTED", "MARKETING", "INVALID_FORMAT", "RED",
    )  # fmt: skip
    assert row.facts == {"previous_category": "UTILITY"}
    assert row.template.category == "MARKETING"
    assert row.status_changed_at == datetime(2026, 3, 9, 11, tzinfo=UTC)
    with time_machine.travel("2026-03-09T12:00Z", tick=False):
        sync(account)
    row.refresh_from_db()
    assert row.status_changed_at == datetime(2026, 3, 9, 11, tzinfo=UTC)


def test_a_status_that_meta_has_added_since_is_not_sendable(account: WhatsAppAccount, meta: list[Any]) -> None:
    meta.append(make_node(status="BRAND_NEW", language="en-US"))
    sync(account)
    row = TemplateTranslation.objects.get()
    assert (row.status, row.facts["raw_status"], row.language) == ("OTHER", "BRAND_NEW", "en_US")


def test_what_a_complete_list_lacks_is_deleted_and_comes_back_when_listed_again(
    account: WhatsAppAccount, meta: list[Any]
) -> None:
    kept, gone = make_node(), make_node()
    meta += [kept, gone]
    sync(account)
    meta.remove(gone)
    assert sync(account) == Found(seen=1, deleted=1)
    assert TemplateTranslation.objects.get(meta_id=gone["id"]).status == "DELETED"
    meta.append(gone)
    assert sync(account) == Found(seen=2, changed=1)
    assert TemplateTranslation.objects.get(meta_id=gone["id"]).status == "APPROVED"


def test_a_template_renamed_away_leaves_its_old_name_deleted(account: WhatsAppAccount, meta: list[Any]) -> None:
    node = make_node(name="old_name")
    meta.append(node)
    sync(account)
    node["name"] = "new_name"
    assert sync(account) == Found(seen=1, new=1, deleted=1)
    statuses = dict(TemplateTranslation.objects.values_list("template__name", "status"))
    assert statuses == {"old_name": "DELETED", "new_name": "APPROVED"}


def test_a_list_that_breaks_off_deletes_nothing_and_says_why(account: WhatsAppAccount, meta: list[Any]) -> None:
    meta += [make_node() for _ in range(6)]
    sync(account)
    meta[0]["status"] = "PAUSED"
    ManagementClient.default_transport = paged_transport(lambda: meta, fail_on_page=2)
    with pytest.raises(actions.SyncFailed):
        sync(account)
    assert not TemplateTranslation.objects.filter(status="DELETED").exists()
    last = TemplateSync.objects.get()
    assert last.status == "failed" and last.failure
    tasks.sync_templates(account.pk)
    assert AuditEntry.objects.filter(action="message_templates.sync_fail").count() == 2


def test_no_connection_is_said_in_words(account: WhatsAppAccount, meta: list[Any]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    ManagementClient.default_transport = httpx.MockTransport(refuse)
    tasks.sync_templates()
    assert "no answer" in TemplateSync.objects.get().failure


@pytest.mark.parametrize("row", [{}, {"id": "1"}, {"id": "1", "name": "x", "language": "en", "components": "text"}])
def test_malformed_nodes_do_not_break_the_rest(account: WhatsAppAccount, meta: list[Any], row: Any) -> None:
    meta += [row, make_node(name="good")]
    sync(account)
    assert MessageTemplate.objects.filter(name="good").exists()


def test_a_running_sync_is_not_joined_and_a_dead_one_is_taken_over(account: WhatsAppAccount, meta: list[Any]) -> None:
    with time_machine.travel("2026-03-09T10:00Z", tick=False) as clock:
        assert actions._claim(account, datetime(2026, 3, 9, 10, tzinfo=UTC))
        assert sync(account) is None
        clock.shift(actions.STALE_AFTER.total_seconds() + 1)
        assert sync(account) == Found()


def test_statements_do_not_grow_with_the_list(account: WhatsAppAccount, meta: list[Any]) -> None:
    from django.db import connection  # noqa: PLC0415

    meta += [make_node() for _ in range(3)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        sync(account)
    meta += [make_node() for _ in range(60)]
    with CaptureQueriesContext(connection) as many:
        sync(account)
    assert len(many) <= len(few) + 4


def test_sync_now_rings_the_worker(
    account: WhatsAppAccount, meta: list[Any], actor: Actor, bell: Any, django_capture_on_commit_callbacks: Any
) -> None:
    meta.append(make_node())
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.request_sync(actor=actor, workspace=account.workspace) == 1
    assert TemplateSync.objects.get().status == "queued"
    assert bell() == ["channels_app.message_templates.tasks.sync_templates"]
    assert TemplateSync.objects.get().status == "done"


def test_without_an_account_there_is_nothing_to_sync(workspace: Workspace, actor: Actor) -> None:
    with pytest.raises(actions.Refused, match="no_account"):
        actions.request_sync(actor=actor, workspace=workspace)


def test_a_connected_account_need_not_wait_for_the_hour(
    account: WhatsAppAccount, meta: list[Any], bell: Any, django_capture_on_commit_callbacks: Any
) -> None:
    meta.append(make_node(name="welcome"))
    for _ring in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.sync_new_accounts()
    assert bell() == ["channels_app.message_templates.tasks.sync_templates"]
    assert MessageTemplate.objects.filter(name="welcome").exists()
