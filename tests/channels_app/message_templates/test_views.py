"""The pages of templates as every role: list, languages, differences, "Sync now"."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.message_templates.models import TemplateSync
from console.kit import clock
from console.workspaces.models import User, Workspace
from console.workspaces.roles import CAPABILITIES, Role
from tests.factories.message_templates import BODY, add_version, make_account, make_template, make_version
from tests.factories.workspaces import make_member, make_workspace

pytestmark = pytest.mark.django_db


def url(name: str, workspace: Workspace, *args: object) -> str:
    return reverse(f"message_templates:{name}", args=[workspace.slug, *args])


@pytest.mark.parametrize("role", list(Role))
def test_everyone_sees_the_list_and_managers_can_sync(
    workspace: Workspace, client_of: Callable[[User], Client], role: str
) -> None:
    template = make_version(workspace).translation.template
    client = client_of(make_member(workspace, role))
    text = client.get(url("list", workspace)).content.decode()
    assert template.name in text and "Approved" in text
    can = role in CAPABILITIES["templates.manage"]
    assert ("Sync now" in text) is can
    answer = client.post(url("sync", workspace))
    assert answer.status_code == (302 if can else 403)
    assert TemplateSync.objects.exists() is can


def test_tabs_count_and_search_and_filters_narrow(workspace: Workspace, owner_client: Client) -> None:
    approved = make_version(workspace, quality_score="GREEN").translation.template
    mixed = make_version(workspace).translation.template
    make_version(workspace, template=mixed, language="ko", status="REJECTED")
    gone = make_version(workspace, status="DELETED").translation.template
    page = owner_client.get(url("list", workspace)).content.decode()
    assert approved.name in page and mixed.name in page and gone.name not in page
    assert "1 of 2 approved" in page
    rejected = owner_client.get(url("list", workspace), {"state": "REJECTED"}).content.decode()
    assert mixed.name in rejected and approved.name not in rejected
    assert gone.name in owner_client.get(url("list", workspace), {"state": "DELETED"}).content.decode()
    korean = owner_client.get(url("list", workspace), {"language": "ko"}).content.decode()
    assert mixed.name in korean and approved.name not in korean
    good = owner_client.get(url("list", workspace), {"quality": "GREEN"}).content.decode()
    assert approved.name in good and mixed.name not in good
    found = owner_client.get(url("list", workspace), {"q": approved.name}).content.decode()
    assert found.count(mixed.name) == 0


def test_the_list_takes_the_same_queries_however_long_it_is(
    workspace: Workspace, owner_client: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    account = make_account(workspace)
    for _ in range(12):
        make_version(workspace, template=make_template(workspace, account=account))
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        owner_client.get(url("list", workspace))


def test_an_empty_list_offers_the_first_sync(workspace: Workspace, owner_client: Client) -> None:
    assert "Bring in your templates" in owner_client.get(url("list", workspace)).content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_the_detail_shows_contract_preview_and_versions_and_raw_parts_only_to_admins(
    workspace: Workspace, client_of: Callable[[User], Client], role: str
) -> None:
    version = make_version(workspace)
    add_version(version.translation, [{**BODY, "text": "Dear {{first_name}}, order {{order_no}} waits."}])
    client = client_of(make_member(workspace, role))
    text = client.get(url("detail", workspace, version.translation.template_id)).content.decode()
    assert "{{first_name}}" in text and '<mark class="wm-var">Ada</mark>' in text
    assert "Version 2" in text and "Dear {{first_name}}" in text and "Hi {{first_name}}" in text
    assert ("As Meta stores it" in text) is (role in CAPABILITIES["accounts.manage"])


def test_each_language_has_its_own_state_and_reason(workspace: Workspace, owner_client: Client) -> None:
    version = make_version(workspace)
    template = version.translation.template
    facts = {"rejection": {"reason": "Two variables touch.", "recommendation": "Separate them."}}
    make_version(
        workspace, template=template, language="ko", status="REJECTED", rejected_reason="INVALID_FORMAT", facts=facts
    )
    text = owner_client.get(url("detail", workspace, template.pk), {"language": "ko"}).content.decode()
    assert "Rejected by Meta" in text and "Two variables touch. Separate them." in text
    part = owner_client.get(
        url("detail", workspace, template.pk), headers={"HX-Request": "true", "HX-Target": "language"}
    ).content.decode()
    assert "Rejected by Meta" not in part and "<html" not in part


def test_what_can_not_be_sent_yet_is_said(workspace: Workspace, owner_client: Client) -> None:
    version = make_version(workspace, components=[BODY, {"type": "CAROUSEL", "cards": []}])
    text = owner_client.get(url("detail", workspace, version.translation.template_id)).content.decode()
    assert "Not supported yet" in text


def test_a_template_without_languages_and_odd_parameters_still_answer(
    workspace: Workspace, owner_client: Client
) -> None:
    template = make_template(workspace)
    assert owner_client.get(url("detail", workspace, template.pk)).status_code == 200
    version = make_version(workspace, template=template, components=[{}])
    address = url("detail", workspace, version.translation.template_id)
    assert owner_client.get(address, {"language": "xx", "version": "x"}).status_code == 200


def test_other_workspaces_templates_are_unknown(workspace: Workspace, owner_client: Client) -> None:
    foreign = make_version(make_workspace()).translation.template
    assert owner_client.get(url("detail", workspace, foreign.pk)).status_code == 404


def test_the_sync_part_polls_while_it_runs_and_then_says_what_it_found(
    workspace: Workspace, owner_client: Client
) -> None:
    account = make_account(workspace)
    headers = {"HX-Request": "true", "HX-Target": "sync"}
    answer = owner_client.post(url("sync", workspace), headers=headers)
    assert "data-wm-poll" in answer.content.decode()
    TemplateSync.objects.filter(account=account).update(
        status="done", new_count=3, changed_count=1, finished_at=clock.now()
    )
    answer = owner_client.get(url("sync_status", workspace), headers=headers)
    assert "3 new, 1 changed" in answer.content.decode() and "data-wm-poll" not in answer.content.decode()
    assert "wm:synced" in answer["HX-Trigger"]


def test_sync_without_an_account_is_refused_in_words(workspace: Workspace, owner_client: Client) -> None:
    answer = owner_client.post(url("sync", workspace))
    assert answer.status_code == 409 and "Connect one first" in answer.content.decode()


def test_a_failed_sync_is_told_on_the_list(workspace: Workspace, owner_client: Client) -> None:
    TemplateSync.objects.create(
        account=make_account(workspace), workspace=workspace, status="failed", failure="The token has expired.",
        requested_at=clock.now(),
    )  # fmt: skip
    assert "The token has expired." in owner_client.get(url("list", workspace)).content.decode()
