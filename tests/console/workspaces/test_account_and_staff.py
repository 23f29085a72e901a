"""One's own account, staff pages, and the first start of an installation."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from console.workspaces import people
from console.workspaces.actors import Actor
from console.workspaces.errors import LastStaff, OneselfRefused
from console.workspaces.models import AuditEntry, Membership, User, Workspace
from tests.factories.workspaces import make_user


@pytest.fixture
def staff_client(client_of: Callable[[User], Client]) -> Client:
    return client_of(make_user(is_staff=True))


def test_the_account_page_saves_name_language_and_theme(owner_client: Client, owner: User) -> None:
    owner_client.post("/me/", {"name": "Mira", "language": "ko", "theme": "dark"})
    owner.refresh_from_db()
    assert (owner.name, owner.language, owner.theme) == ("Mira", "ko", "dark")
    page = owner_client.get("/me/").content.decode()
    assert 'lang="ko"' in page
    assert 'data-bs-theme="dark"' in page
    assert AuditEntry.objects.get().action == "workspaces.update_account"


def test_the_shells_switches_go_back_to_the_page_but_never_to_another_site(owner_client: Client, owner: User) -> None:
    assert owner_client.post("/me/theme", {"theme": "light", "next": "/me/"})["Location"] == "/me/"
    assert owner_client.post("/me/language", {"language": "ko", "next": "https://evil.example/"})["Location"] == "/"
    owner.refresh_from_db()
    assert (owner.theme, owner.language) == ("light", "ko")


def test_an_unknown_theme_changes_nothing(owner_client: Client, owner: User) -> None:
    owner_client.post("/me/theme", {"theme": "pink"})
    owner.refresh_from_db()
    assert owner.theme == "auto"


@pytest.mark.django_db
def test_the_language_can_be_chosen_before_signing_in(client: Client) -> None:
    client.post("/me/language", {"language": "ko", "next": "/accounts/login/"})
    assert 'lang="ko"' in client.get("/accounts/login/").content.decode()


def test_signing_out_everywhere_keeps_only_this_browser(client_of: Callable[[User], Client], owner: User) -> None:
    here, elsewhere = client_of(owner), client_of(owner)
    here.post("/me/sessions/end")
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


def test_staff_make_a_workspace_with_its_first_owner(staff_client: Client) -> None:
    data = {"name": "Lumen Coffee", "owner_email": "mira@example.com", "owner_name": "Mira", "time_zone": "UTC"}
    response = staff_client.post("/staff/workspaces/new/", data)
    workspace = Workspace.objects.get(slug="lumen-coffee")
    assert Membership.objects.get(workspace=workspace).role == "owner"
    assert "/accounts/password/reset/key/" in staff_client.get(response["Location"]).content.decode()
    taken = staff_client.post("/staff/workspaces/new/", data | {"slug": "lumen-coffee"})
    assert taken.status_code == 422
    assert "Choose a different one." in taken.content.decode()
    staff_client.post("/staff/workspaces/new/", data)
    assert Workspace.objects.filter(slug="lumen-coffee-2").exists()


def test_staff_make_close_and_open_accounts(staff_client: Client, client_of: Callable[[User], Client]) -> None:
    staff_client.post("/staff/people/new/", {"email": "ada@example.com", "is_staff": ""})
    person = User.objects.get(email="ada@example.com")
    client = client_of(person)
    staff_client.post(f"/staff/people/{person.pk}/active/", {"is_active": "0"})
    assert client.get("/me/").status_code == 302
    staff_client.post(f"/staff/people/{person.pk}/active/", {"is_active": "1"})
    staff_client.post(f"/staff/people/{person.pk}/staff/", {"is_staff": "1"})
    person.refresh_from_db()
    assert person.is_active
    assert person.is_staff
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == [
        f"workspaces.{verb}" for verb in ("create_person", "deactivate_person", "reactivate_person", "set_staff")
    ]


@pytest.mark.django_db
def test_staff_can_not_lock_themselves_or_everybody_out() -> None:
    staff = make_user(is_staff=True)
    with pytest.raises(OneselfRefused):
        people.set_active(actor=Actor(str(staff), staff), person=staff, is_active=False)
    for refuse in (
        lambda: people.set_active(actor=Actor.system("test"), person=staff, is_active=False),
        lambda: people.set_staff(actor=Actor.system("test"), person=staff, is_staff=False),
    ):
        with pytest.raises(LastStaff):
            refuse()


def test_staff_pages_do_not_exist_for_others(owner_client: Client) -> None:
    for path in ("/staff/", "/staff/people/", "/staff/styleguide/"):
        assert owner_client.get(path).status_code == 404


@pytest.mark.django_db
def test_bootstrap_makes_the_first_staff_member_and_workspace_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", "a-long-first-word")
    for _time in range(2):
        call_command("bootstrap", email="mira@example.com", workspace="카페", password_env="FIRST_PASSWORD")
    person = User.objects.get()
    assert person.is_staff
    assert person.check_password("a-long-first-word")
    assert Membership.objects.get().workspace.name == "카페"
    assert AuditEntry.objects.filter(actor_label="System (bootstrap)").count() == 3


@pytest.mark.django_db
def test_bootstrap_refuses_a_weak_password_and_a_wrong_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        call_command("bootstrap", email="mira@example.com", password_env="FIRST_PASSWORD")
    with pytest.raises(CommandError, match="valid email"):
        call_command("bootstrap", email="mira")
    assert not User.objects.exists()
