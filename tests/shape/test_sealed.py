"""Workspaces are sealed: no id in an address or in a field reaches into another one. And every answer carries the policy."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import CampaignRun
from channels_app.accounts.models import ChannelConfiguration
from channels_app.webhooks.models import QuarantinedItem
from console.alerts.models import Delivery
from console.audiences.actions import merge_profiles
from console.audiences.models import AudienceMember, ConsentEntry, Profile, Suppression
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Membership, User, Workspace
from tests.factories.audiences import make_import, make_list, make_profile
from tests.factories.campaigns import make_campaign, make_channel
from tests.factories.content import make_content
from tests.factories.delivery import make_messages, make_number
from tests.factories.workspaces import make_member, make_user, make_workspace
from tests.shape.pages import OBJECTS
from tests.shape.role_matrix import MATRIX, STAFF
from tests.support.addresses import Address, addresses

ADDRESSES = addresses()
WITH_ID = sorted(name for name, one in ADDRESSES.items() if one.is_of_workspace and len(one.arguments) > 1)
SignIn = Callable[[User], Client]
Make = Callable[[Workspace], dict[str, Any]]


def _as(name: str, make: Callable[[Workspace], Any]) -> Make:
    return lambda workspace: {name: make(workspace).pk}


def _campaign(workspace: Workspace) -> dict[str, Any]:
    campaign = make_campaign(workspace)
    type(campaign).objects.filter(pk=campaign.pk).update(status="sending")
    CampaignRun.objects.create(
        campaign=campaign, workspace=workspace, number=1, status="sending", started_at=timezone.now(), audience_count=0
    )
    return {"campaign_id": campaign.pk}


def _account(workspace: Workspace) -> dict[str, Any]:
    account = make_number(workspace).account
    return {"pk": account.credentials_id, "account_pk": account.pk}


def _item(workspace: Workspace) -> Any:
    body = OBJECTS["webhooks:body"](workspace)["pk"]
    return QuarantinedItem.objects.create(
        body_id=body, position=0, field="messages", item={}, failure="x", created_at=timezone.now()
    )


def _merge(workspace: Workspace) -> Any:
    kept, absorbed = make_profile(workspace), make_profile(workspace)
    return merge_profiles(actor=Actor.system("test"), workspace=workspace, kept=kept, absorbed=absorbed)


def _member(workspace: Workspace) -> Any:
    return Membership.objects.get(workspace=workspace, user=make_member(workspace))


# What the read pages of pages.py leave out: addresses that only take a POST, and parts.
MORE: dict[str, Make] = {
    "alerts:mark_read": OBJECTS["alerts:go"],
    "alerts:send_again": lambda workspace: {
        "pk": Delivery.objects.get(endpoint=OBJECTS["alerts:endpoint"](workspace)["pk"]).pk
    },
    **{
        f"alerts:{name}": OBJECTS["alerts:endpoint"]
        for name in ("switch_endpoint", "roll_secret", "try_endpoint", "delete_endpoint")
    },
    **{f"audiences:{name}": _as("pk", make_profile) for name in ("profile_test", "profile_consent", "profile_delete")},
    "audiences:merge_undo": _as("pk", _merge),
    **{f"audiences:{name}": _as("pk", make_list) for name in ("members_bulk", "recount", "archive")},
    **{f"audiences:{name}": OBJECTS["audiences:import"] for name in ("import_start", "import_cancel")},
    **{f"accounts:{name}": OBJECTS["accounts:access"] for name in ("check", "renew", "delete", "subscribe")},
    **{f"accounts:{name}": OBJECTS["accounts:access"] for name in ("edit", "retry", "withdraw", "choose_senders")},
    **{f"accounts:{name}": OBJECTS["accounts:channel"] for name in ("submit_channel", "deactivate_channel")},
    "accounts:discard_channel_update": OBJECTS["accounts:channel"],
    "accounts:go_back_channel": lambda workspace: {**OBJECTS["accounts:channel"](workspace), "number": 1},
    **{f"accounts:{name}": OBJECTS["accounts:number"] for name in ("request_code", "verify_code", "register_number")},
    **{f"accounts:{name}": OBJECTS["accounts:number"] for name in ("deregister_number", "set_pin", "refresh_number")},
    "accounts:refresh": _account,
    "content:preview": _as("pk", make_content),
    "delivery:message": _as("pk", lambda workspace: make_messages(make_number(workspace), 1)[0]),
    "webhooks:apply_again": _as("pk", _item),
    "webhooks:start_test": OBJECTS["webhooks:watch"],
    "webhooks:cancel_replay": OBJECTS["webhooks:replay"],
    **{f"accounts:{name}": OBJECTS["accounts:webhook"] for name in ("read_webhook", "override", "remove_override")},
    **{f"accounts:{name}": OBJECTS["accounts:webhook"] for name in ("unsubscribe", "disconnect_webhook", "silence")},
    **{
        f"campaigns:{name}": _campaign
        for name in ("activate", "pause", "resume", "stop", "release_template", "unschedule", "duplicate", "archive")
    },
    **{f"workspaces:{name}": _as("pk", _member) for name in ("change_role", "remove_member", "invite_again")},
}
ALL: dict[str, Make] = {**MORE, **OBJECTS}
ASKS_META = {"accounts:check", "accounts:renew", "accounts:retry", "accounts:refresh", "accounts:subscribe"}
ASKS_META |= {
    f"accounts:{name}" for name in ("read_webhook", "disconnect_webhook", "override", "remove_override", "unsubscribe")
}


def ask(client: Client, address: Address, method: str, **arguments: Any) -> Any:
    url = reverse(address.name, kwargs=arguments)
    return client.get(url) if method == "GET" else client.post(url)


def test_every_address_with_an_id_has_an_object_to_try() -> None:
    assert sorted(set(WITH_ID) - set(ALL)) == []


@pytest.mark.parametrize("name", WITH_ID)
def test_an_object_of_another_workspace_is_not_found_by_any_method(
    name: str, workspace: Workspace, client_of: SignIn
) -> None:
    """Neither for strangers of that workspace nor for one who owns both: the address names the workspace."""
    elsewhere = make_workspace()
    arguments = ALL[name](elsewhere)
    owner = make_member(workspace)
    both = make_member(workspace)
    Membership.objects.create(workspace=elsewhere, user=both, role="owner")
    before = AuditEntry.objects.count()
    address = ADDRESSES[name]
    for person in (owner, both):
        for method in address.methods or ("GET", "POST"):
            answer = ask(client_of(person), address, method, workspace_slug=workspace.slug, **arguments)
            assert answer.status_code == 404, (method, person)
    assert AuditEntry.objects.count() == before, "and nothing was done"
    if name in ASKS_META:
        return
    method = (address.methods or ("GET",))[0]
    found = ask(client_of(both), address, method, workspace_slug=elsewhere.slug, **arguments)
    assert found.status_code != 404, "the object is there"


# --- ids in fields --------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(db: None) -> Workspace:
    return make_workspace()


def test_a_campaign_takes_nothing_of_another_workspace(
    workspace: Workspace, foreign: Workspace, owner_client: Client
) -> None:
    campaign, theirs = make_campaign(workspace), make_campaign(foreign)
    own = {
        "name": "x",
        "audience": campaign.audience_id,
        "channel_configuration": campaign.channel_configuration_id,
        "version": campaign.content.version_id,
        "when": "now",
        "time_zone": "UTC",
        "revision": campaign.revision,
    }
    changes = (
        {"audience": theirs.audience_id},
        {"channel_configuration": theirs.channel_configuration_id},
        {"version": theirs.content.version_id},
        {"pick_version": theirs.content.version_id},
    )
    url = reverse("campaigns:edit", args=[workspace.slug, campaign.pk])
    for change in changes:
        answer = owner_client.post(url, own | change)
        assert answer.status_code in (302, 409, 422), change
    campaign.refresh_from_db()
    campaign.content.refresh_from_db()
    assert campaign.audience_id != theirs.audience_id
    assert campaign.channel_configuration_id != theirs.channel_configuration_id
    assert campaign.content.version_id != theirs.content.version_id


def test_a_preview_shows_nobody_of_another_workspace(
    workspace: Workspace, foreign: Workspace, owner_client: Client
) -> None:
    stranger = make_profile(foreign, name="Zebedee Quux", is_test=True, attributes={"first_name": "Zebedee"})
    campaign = make_campaign(workspace)
    for address in ("campaigns:review", "campaigns:edit"):
        url = reverse(address, args=[workspace.slug, campaign.pk])
        assert "Zebedee" not in owner_client.get(url, {"as": stranger.pk}).content.decode()
    url = reverse("content:preview", args=[workspace.slug, campaign.content_id])
    for key in ("as", "profile"):
        assert "Zebedee" not in owner_client.get(url, {key: stranger.pk}).content.decode()


def test_a_channel_takes_no_number_of_another_workspace(
    workspace: Workspace, foreign: Workspace, owner_client: Client
) -> None:
    number, own = make_number(foreign), make_channel(workspace)
    posted = {"name": "Stolen", "description": "", "phone_number": number.pk, "purpose": "marketing"}
    assert owner_client.post(reverse("accounts:new_channel", args=[workspace.slug]), posted).status_code == 422
    ChannelConfiguration.objects.filter(pk=own.pk).update(status="draft")
    url = reverse("accounts:edit_channel", args=[workspace.slug, own.pk])
    assert owner_client.post(url, posted).status_code == 422
    assert not ChannelConfiguration.objects.filter(phone_number=number).exists()


def test_rules_imports_and_filters_know_only_lists_of_their_workspace(
    workspace: Workspace, foreign: Workspace, owner_client: Client
) -> None:
    person = make_profile(foreign, name="Zebedee Quux")
    theirs = make_list(foreign, [person], name="Their secret list")
    rule = {
        "name": "Peek",
        "g0_match": "all",
        "g0_field": "audience",
        "g0_key": "",
        "g0_operator": "in_list",
        "g0_value": "",
        "g0_list": theirs.pk,
    }
    answer = owner_client.post(reverse("audiences:new_rule", args=[workspace.slug]), rule)
    assert answer.status_code == 422 and "Their secret list" not in answer.content.decode()
    batch = make_import(workspace, "phone\n+447700900341\n")
    posted = {"c0_field": "phone", "existing": "update", "audience": theirs.pk}
    answer = owner_client.post(reverse("audiences:import_mapping", args=[workspace.slug, batch.pk]), posted)
    assert answer.status_code == 422
    page = owner_client.get(reverse("audiences:profiles", args=[workspace.slug]), {"audience": theirs.pk})
    assert "Zebedee" not in page.content.decode() and "Their secret list" not in page.content.decode()


def test_bulk_actions_reach_no_row_of_another_workspace(
    workspace: Workspace, foreign: Workspace, owner_client: Client
) -> None:
    person = make_profile(foreign, marketing_consent="")
    listed, own = make_list(foreign, [person]), make_list(workspace)
    closed = Suppression.objects.create(
        workspace=foreign, address="+447700900341", reason="x", purpose="", created_at=timezone.now()
    )
    common = {"ids": person.pk, "confirmed": "1"}
    url = reverse("audiences:profiles_bulk", args=[workspace.slug])
    consent = {"action": "consent", "purpose": "marketing", "value": "granted", "note": "x"}
    for posted in (consent, {"action": "suppress", "name": "x"}, {"action": "list", "name": "Mine"}):
        for reach in ({}, {"all_matching": "1"}):
            owner_client.post(url, {**common, **posted, **reach})
    bulk = {"action": "remove", "ids": closed.pk, "confirmed": "1", "note": "x"}
    owner_client.post(reverse("audiences:suppressions_bulk", args=[workspace.slug]), bulk)
    owner_client.post(reverse("audiences:members_bulk", args=[workspace.slug, own.pk]), {"ids": person.pk})
    person.refresh_from_db()
    assert person.marketing_consent == "" and not ConsentEntry.objects.filter(profile=person).exists()
    assert AudienceMember.objects.filter(profile=person).count() == 1
    assert listed.members.count() == 1
    assert Suppression.objects.filter(pk=closed.pk).exists()
    assert not Suppression.objects.filter(workspace=workspace, address=person.phone).exists()
    assert Profile.objects.filter(pk=person.pk, workspace=foreign).exists()


# --- the policy -----------------------------------------------------------------------------------------------


def check_policy(response: Any, what: str) -> None:
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, what
    assert "unsafe" not in policy, what
    for directive in ("script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in policy, what
    assert response.headers.get("X-Content-Type-Options") == "nosniff", what


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_every_answer_of_every_address_carries_the_policy(name: str, workspace: Workspace, client_of: SignIn) -> None:
    address = ADDRESSES[name]
    arguments = ALL[name](workspace) if name in ALL else address.unknown_arguments()
    if address.is_of_workspace:
        arguments = {"workspace_slug": workspace.slug, **arguments}
    person = make_user(is_staff=True) if MATRIX.get(name) == STAFF else make_member(workspace)
    url = reverse(name, kwargs=arguments)
    for client in (client_of(person), Client()):
        check_policy(client.get(url), f"GET {url}")
        check_policy(Client(enforce_csrf_checks=True).post(url), f"POST {url}")


@pytest.mark.django_db
def test_files_and_error_pages_carry_the_policy(owner_client: Client, client_of: SignIn) -> None:
    check_policy(owner_client.get("/nowhere/"), "404")
    check_policy(owner_client.get("/me/", headers={"host": "evil.example"}), "400")
    check_policy(Client(enforce_csrf_checks=True).post("/me/language"), "403")
    answer = Client().get("/static/wm/js/palette.js")
    assert answer.status_code == 200
    check_policy(answer, "static")
