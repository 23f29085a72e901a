"""Members of a workspace: invited, changed, removed; always one owner; each write on the audit trail."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from console.workspaces import actions
from console.workspaces.actors import Actor
from console.workspaces.errors import AlreadyMember, LastOwner
from console.workspaces.models import AuditEntry, Membership, User, Workspace
from console.workspaces.roles import Role
from tests.factories.workspaces import make_member, make_user, make_workspace


def members_url(workspace: Workspace, tail: str = "") -> str:
    return f"/w/{workspace.slug}/settings/members/{tail}"


def audited(workspace: Workspace | None) -> list[str]:
    return list(AuditEntry.objects.filter(workspace=workspace).order_by("id").values_list("action", flat=True))


def test_a_new_address_gets_an_account_a_mail_and_a_link_to_copy(
    owner_client: Client, workspace: Workspace, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = owner_client.post(
            members_url(workspace), {"email": "Ada@Example.com", "name": "Ada", "role": "marketer"}
        )
    person = User.objects.get(email="ada@example.com")
    assert not person.has_usable_password()
    assert mail.outbox[0].to == ["ada@example.com"]
    link = re.search(r"http://\S+/accounts/password/reset/key/\S+", mail.outbox[0].body).group(0)
    page = owner_client.get(response["Location"]).content.decode()
    assert "/accounts/password/reset/key/" in page
    assert audited(workspace) == ["workspaces.add_member"]
    assert audited(None) == ["workspaces.create_person"]

    guest = Client()
    form = guest.get(link.split("127.0.0.1:8000", 1)[1])["Location"]
    guest.post(form, {"password1": "long-enough-word", "password2": "long-enough-word"})
    guest.post("/accounts/login/", {"login": "ada@example.com", "password": "long-enough-word"})
    assert guest.get(f"/w/{workspace.slug}/").status_code == 200


def test_somebody_who_has_an_account_is_added_without_a_link(
    owner_client: Client, workspace: Workspace, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    person = make_member(make_workspace())
    with django_capture_on_commit_callbacks(execute=True):
        response = owner_client.post(members_url(workspace), {"email": person.email, "role": "viewer"})
    assert "password/reset" not in mail.outbox[0].body
    assert "password/reset" not in owner_client.get(response["Location"]).content.decode()


def test_an_invited_person_of_another_workspace_shows_no_link_here(workspace: Workspace, actor: Actor) -> None:
    other = make_workspace()
    actions.add_member(actor=actor, workspace=other, email="ada@example.com", role=Role.OWNER)
    invitation = actions.add_member(actor=actor, workspace=workspace, email="ada@example.com", role=Role.VIEWER)
    assert invitation.link == ""


def test_outside_a_laptop_only_the_mail_carries_the_link(
    owner_client: Client,
    workspace: Workspace,
    settings: Settings,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    """Else an owner could take the account of an address that is somebody else's and wait for another workspace."""
    settings.IS_LOCAL = False
    with django_capture_on_commit_callbacks(execute=True):
        response = owner_client.post(members_url(workspace), {"email": "ceo@elsewhere.example", "role": "viewer"})
    assert "/accounts/password/reset/key/" in mail.outbox[0].body
    assert "password/reset" not in owner_client.get(response["Location"]).content.decode()
    staff = Client()
    staff.force_login(make_user(is_staff=True))
    person = User.objects.get(email="ceo@elsewhere.example")
    assert "password/reset/key" in staff.get(f"/staff/people/?invited={person.pk}").content.decode()


def test_a_wrong_address_keeps_what_was_typed(owner_client: Client, workspace: Workspace) -> None:
    response = owner_client.post(members_url(workspace), {"email": "not an address", "role": "viewer"})
    assert response.status_code == 422
    assert "not an address" in response.content.decode()


def test_nobody_is_added_twice(workspace: Workspace, owner: User, actor: Actor) -> None:
    with pytest.raises(AlreadyMember):
        actions.add_member(actor=actor, workspace=workspace, email=owner.email, role=Role.VIEWER)


def test_a_role_is_changed_and_audited(owner_client: Client, workspace: Workspace) -> None:
    membership = Membership.objects.get(user=make_member(workspace, Role.VIEWER))
    owner_client.post(members_url(workspace, f"{membership.pk}/role/"), {"role": "approver"})
    membership.refresh_from_db()
    assert membership.role == Role.APPROVER
    entry = AuditEntry.objects.get(action="workspaces.change_role")
    assert entry.changes == {"role": ["viewer", "approver"]}


@pytest.mark.parametrize("tail,data", [("role/", {"role": "viewer"}), ("remove/", {})])
def test_the_last_owner_stays(owner_client: Client, workspace: Workspace, tail: str, data: dict[str, str]) -> None:
    membership = Membership.objects.get(workspace=workspace)
    response = owner_client.post(members_url(workspace, f"{membership.pk}/{tail}"), data)
    assert response.status_code == 409
    assert "always keeps one owner" in response.content.decode()
    membership.refresh_from_db()
    assert membership.role == Role.OWNER
    assert audited(workspace) == []


def test_an_owner_whose_account_is_closed_does_not_count(workspace: Workspace, owner: User, actor: Actor) -> None:
    make_member(workspace, Role.OWNER, is_active=False)
    with pytest.raises(LastOwner):
        actions.remove_member(
            actor=actor, workspace=workspace, membership=Membership.objects.get(user=owner, workspace=workspace)
        )


def test_a_removed_member_is_out_at_once(
    owner_client: Client, workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    person = make_member(workspace, Role.MARKETER)
    client = client_of(person)
    assert client.get(f"/w/{workspace.slug}/").status_code == 200
    membership = Membership.objects.get(user=person)
    owner_client.post(members_url(workspace, f"{membership.pk}/remove/"))
    assert client.get(f"/w/{workspace.slug}/").status_code == 404
    assert audited(workspace) == ["workspaces.remove_member"]


def test_another_workspaces_member_is_not_found(owner_client: Client, workspace: Workspace) -> None:
    stranger = Membership.objects.get(user=make_member(make_workspace()))
    for tail in ("role/", "remove/", "invite/"):
        assert owner_client.post(members_url(workspace, f"{stranger.pk}/{tail}")).status_code == 404


def test_an_invitation_is_sent_again(
    owner_client: Client, workspace: Workspace, actor: Actor, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    actions.add_member(actor=actor, workspace=workspace, email="ada@example.com", role=Role.VIEWER)
    membership = Membership.objects.get(user__email="ada@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        owner_client.post(members_url(workspace, f"{membership.pk}/invite/"))
    assert len(mail.outbox) == 1
    assert "workspaces.invite_again" in audited(workspace)


def test_settings_are_saved_and_only_what_changed_is_audited(owner_client: Client, workspace: Workspace) -> None:
    url = f"/w/{workspace.slug}/settings/"
    data = {"name": workspace.name, "time_zone": "Asia/Seoul", "default_country": "KR"}
    owner_client.post(url, data)
    owner_client.post(url, data)
    workspace.refresh_from_db()
    assert (workspace.time_zone, workspace.default_country) == ("Asia/Seoul", "KR")
    assert [entry.changes for entry in AuditEntry.objects.all()] == [
        {"time_zone": ["UTC", "Asia/Seoul"], "default_country": ["", "KR"]}
    ]


def test_the_audit_trail_is_filtered_and_sealed(owner_client: Client, workspace: Workspace, actor: Actor) -> None:
    other = make_workspace(name="Secret other")
    for place in (workspace, other):
        actions.update_workspace(
            actor=actor, workspace=place, name=f"{place.name} new", time_zone="UTC", default_country=""
        )
    url = f"/w/{workspace.slug}/settings/audit/"
    page = owner_client.get(url).content.decode()
    assert "workspaces.update_workspace" in page
    assert "Secret other" not in page
    assert "workspaces.update_workspace" not in owner_client.get(f"{url}?action=remove").content.decode()
    assert "workspaces.update_workspace" in owner_client.get(f"{url}?action=update").content.decode()
    assert "workspaces.update_workspace" not in owner_client.get(f"{url}?until=2001-01-01").content.decode()
