"""Pages of channel configurations: what an admin sees and clicks, and what hostile posts get."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_app.accounts.models import ChannelConfiguration, ChannelVersion
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.accounts import make_channel, make_phone_number
from tests.factories.workspaces import make_member, make_workspace

pytestmark = pytest.mark.django_db
FAILED = [
    {"code": "number_connected", "status": "failed", "facts": {"status": "PENDING"}},
    {"code": "token_valid", "status": "passed", "facts": {}},
    {"code": "template_access", "status": "passed", "facts": {}},
]


def url(workspace: Workspace, name: str, *args: int) -> str:
    return reverse(f"accounts:{name}", args=[workspace.slug, *args])


def serving(workspace: Workspace, **fields: Any) -> ChannelConfiguration:
    """An active configuration in its third version."""
    channel = make_channel(workspace, status="active", version_number=3, **fields)
    for number in (1, 2, 3):
        version(channel, number, "passed", purpose="utility" if number == 2 else "marketing")
    return channel


def version(channel: ChannelConfiguration, number: int, status: str, **fields: Any) -> ChannelVersion:
    fields = {"phone_number": channel.phone_number, "purpose": channel.purpose, **fields}
    return ChannelVersion.objects.create(
        channel=channel, number=number, status=status, created_at=timezone.now(), **fields
    )


def posted(channel: ChannelConfiguration, **fields: Any) -> dict[str, Any]:
    return {
        "name": channel.name,
        "description": "",
        "tags": "",
        "phone_number": channel.phone_number_id,
        "purpose": channel.purpose,
        "revision": channel.revision,
        **fields,
    }


def test_list_says_what_a_failed_row_needs(owner_client: Client, workspace: Workspace) -> None:
    channel = make_channel(workspace, status="failed", checks=FAILED, tags=["trade"])
    page = owner_client.get(url(workspace, "channels")).content.decode()
    assert "the number isn’t registered" in page and "Your turn" in page
    assert "2 other checks passed: access token, template access." in page
    assert "Register number" in page and url(workspace, "number", channel.phone_number_id) in page
    assert "Copy details" in page and "phone number id" in page


def test_list_shows_a_failed_update_and_one_on_its_way(owner_client: Client, workspace: Workspace) -> None:
    version(serving(workspace, name="one"), 4, "failed", checks=FAILED)
    checks = [{"code": "token_valid", "status": "passed", "facts": {}}]
    checks += [{"code": code, "status": "passed", "facts": {}} for code in ("permission", "number_visible")]
    version(serving(workspace, name="two"), 4, "processing", checks=checks)
    page = owner_client.get(url(workspace, "channels")).content.decode()
    assert "Last update failed, version 3 in use" in page
    assert "Check 4 of 8: health" in page and "Updates live" in page


def test_filters_find_and_never_cross_workspaces(owner_client: Client, workspace: Workspace) -> None:
    one = make_channel(workspace, name="first-one", tags=["trade"])
    make_channel(workspace, name="second-one", purpose="utility")
    foreign = make_channel(make_workspace(), tags=["secret-tag"])
    listed = url(workspace, "channels")
    for query, is_found in (
        ({"tag": "trade"}, True),
        ({"purpose": "utility"}, False),
        ({"connection": one.phone_number.account.credentials_id}, True),
        ({"q": "first"}, True),
    ):
        page = owner_client.get(listed, query).content.decode()
        assert ("first-one" in page) is is_found, query
    assert "secret-tag" not in owner_client.get(listed).content.decode()
    for query in (
        {"tag": "secret-tag"},
        {"connection": foreign.phone_number.account.credentials_id},
        {"created_by": "999999"},
        {"purpose": "' OR 1=1"},
    ):
        page = owner_client.get(listed, query)
        assert page.status_code == 200 and "first-one" not in page.content.decode(), query


def test_detail_shows_update_versions_and_the_way_back(owner_client: Client, workspace: Workspace) -> None:
    channel = serving(workspace)
    version(channel, 4, "draft", purpose="utility")
    page = owner_client.get(url(workspace, "channel", channel.pk)).content.decode()
    assert "Update to version 4" in page and "Purpose: Marketing → Utility" in page
    assert "Version 3 is in use until this one has passed." in page
    assert "Go back to version 2" in page and "Go back to version 3" not in page
    answer = owner_client.post(url(workspace, "go_back_channel", channel.pk, 1), follow=True)
    assert "Version 4 is a draft with the values of version 1" in answer.content.decode()
    assert owner_client.post(url(workspace, "discard_channel_update", channel.pk)).status_code == 302
    assert not channel.versions.filter(number=4).exists()


def test_editing_an_active_one_makes_a_version_and_keeps_its_name(owner_client: Client, workspace: Workspace) -> None:
    channel = serving(workspace)
    edit = url(workspace, "edit_channel", channel.pk)
    assert "Version 3 stays in use" in owner_client.get(edit).content.decode()
    answer = owner_client.post(edit, posted(channel, name="renamed", tags="a, b ,a", purpose="utility"))
    assert answer.status_code == 302
    now = ChannelConfiguration.objects.get(pk=channel.pk)
    assert (now.name, now.tags, now.purpose) == (channel.name, ["a", "b"], "marketing")
    assert channel.versions.get(number=4).purpose == "utility"
    assert owner_client.post(edit, posted(now, purpose="utility", then="submit")).status_code == 302
    assert channel.versions.get(number=4).status == "processing"
    page = owner_client.get(url(workspace, "channel", channel.pk)).content.decode()
    assert "hx-trigger" in page and "Check 1 of 8" in page and "Deactivate configuration</a>" not in page


def test_a_late_save_is_shown_and_can_be_forced(owner_client: Client, workspace: Workspace) -> None:
    channel = serving(workspace)
    edit = url(workspace, "edit_channel", channel.pk)
    assert owner_client.post(edit, posted(channel, tags="theirs")).status_code == 302
    answer = owner_client.post(edit, posted(channel, tags="mine"))
    text = answer.content.decode()
    assert answer.status_code == 409 and "Nothing was overwritten" in text and "mine" in text
    overwrite = ChannelConfiguration.objects.get(pk=channel.pk).revision
    assert owner_client.post(edit, posted(channel, tags="mine", overwrite_revision=overwrite)).status_code == 302
    assert ChannelConfiguration.objects.get(pk=channel.pk).tags == ["mine"]


@pytest.mark.parametrize(
    "hostile",
    [
        {"tags": "x" * 10_000},
        {"tags": ",".join(str(n) for n in range(50))},
        {"purpose": "spam"},
        {"phone_number": "0"},
        {"phone_number": "1 OR 1=1"},
        {"phone_field_1": "workspace__name"},
        {"phone_field_2": "attributes.nobody_has_it"},
        {"name": ""},
        {"name": "x" * 121},
        {"revision": "-1"},
    ],
)
def test_hostile_posts_change_nothing(owner_client: Client, workspace: Workspace, hostile: dict[str, Any]) -> None:
    channel = make_channel(workspace)
    assert owner_client.post(url(workspace, "edit_channel", channel.pk), posted(channel, **hostile)).status_code == 422
    assert ChannelConfiguration.objects.get(pk=channel.pk).revision == 1
    if "revision" not in hostile:
        assert (
            owner_client.post(url(workspace, "new_channel"), posted(channel, **{"name": "n", **hostile})).status_code
            == 422
        )


def test_foreign_numbers_and_configurations_do_not_exist(owner_client: Client, workspace: Workspace) -> None:
    mine, other = make_channel(workspace), make_workspace()
    theirs, number = serving(other), make_phone_number(other)
    edit = url(workspace, "edit_channel", mine.pk)
    assert owner_client.post(edit, posted(mine, phone_number=number.pk)).status_code == 422
    for name in ("discard_channel_update", "submit_channel", "deactivate_channel"):
        assert owner_client.post(url(workspace, name, theirs.pk)).status_code == 404
    assert owner_client.post(url(workspace, "go_back_channel", theirs.pk, 1)).status_code == 404


def test_a_number_that_is_no_sender_is_not_offered(owner_client: Client, workspace: Workspace) -> None:
    idle = make_phone_number(workspace, is_sender=False)
    channel = make_channel(workspace)
    answer = owner_client.post(url(workspace, "edit_channel", channel.pk), posted(channel, phone_number=idle.pk))
    assert answer.status_code == 422


def test_a_marketer_reads_and_changes_nothing(workspace: Workspace, client_of: Callable[[User], Client]) -> None:
    channel = serving(workspace)
    version(channel, 4, "failed", checks=FAILED)
    marketer = client_of(make_member(workspace, Role.MARKETER))
    page = marketer.get(url(workspace, "channel", channel.pk)).content.decode()
    assert "Last update failed" in page and "Go back to version" not in page and "Discard update" not in page
    for name, args in (("go_back_channel", (1,)), ("discard_channel_update", ())):
        assert marketer.post(url(workspace, name, channel.pk, *args)).status_code == 403


def test_an_active_configuration_offers_what_comes_next(owner_client: Client, workspace: Workspace) -> None:
    channel = make_channel(workspace, status="active", version_number=1)
    page = owner_client.get(url(workspace, "channel", channel.pk)).content.decode()
    assert reverse("campaigns:create", args=[workspace.slug]) in page
    assert page.count("btn-primary") == 1
    channel.status = "deactivated"
    channel.save()
    assert (
        reverse("campaigns:create", args=[workspace.slug])
        not in owner_client.get(url(workspace, "channel", channel.pk)).content.decode().partition("<main")[2]
    )
