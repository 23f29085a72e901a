"""What holds on every page: nothing is cached, cookies are closed, other sites get nothing, strange input breaks nothing."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from console.kit.exports import csv_response
from console.workspaces.models import AuditEntry, User, Workspace
from tests.factories.workspaces import make_member

pytestmark = pytest.mark.django_db


def test_no_cache_keeps_pages_of_a_signed_in_person(owner_client: Client, workspace: Workspace) -> None:
    for path in (
        "/me/",
        f"/w/{workspace.slug}/profiles/",
        f"/w/{workspace.slug}/settings/audit/?format=csv",
        "/nowhere",
    ):
        assert "no-store" in owner_client.get(path)["Cache-Control"], path


def test_cookies_are_closed_to_scripts_and_other_sites(workspace: Workspace) -> None:
    person = make_member(workspace)
    client = Client()
    response = client.post("/accounts/login/", {"login": person.email, "password": "waymark-test"})
    session = response.cookies["waymark_session"]
    assert session["httponly"] and session["samesite"] == "Lax"


def test_another_site_can_make_nobody_do_anything(workspace: Workspace) -> None:
    person = make_member(workspace)
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    for path in ("/me/language", "/me/columns", f"/w/{workspace.slug}/settings/members/", "/accounts/logout/"):
        assert client.post(path, {"language": "ko", "key": "x"}).status_code == 403, path


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(owner_client: Client, workspace: Workspace, target: str) -> None:
    person = make_member(workspace)
    answers = [
        owner_client.post("/me/language", {"language": "en", "next": target}),
        owner_client.post("/me/columns", {"key": "audit", "columns": "at", "next": target}),
        Client().post("/accounts/login/", {"login": person.email, "password": "waymark-test", "next": target}),
    ]
    for answer in answers:
        assert answer.status_code == 302
        assert "evil" not in answer["Location"] and "javascript" not in answer["Location"]


def test_another_host_name_is_refused(owner_client: Client) -> None:
    assert owner_client.get("/me/", headers={"host": "evil.example"}).status_code == 400


def test_behind_a_proxy_the_trail_and_the_limits_know_the_person(
    owner: User, workspace: Workspace, client_of: Callable[[User], Client], settings: Settings
) -> None:
    client = client_of(owner)
    given = {"x-forwarded-for": "6.6.6.6, 203.0.113.7"}
    client.post("/me/language", {"language": "ko"}, headers=given)
    assert AuditEntry.objects.latest("id").ip_address == "127.0.0.1", "without a proxy the header is anybody's"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client.post("/me/language", {"language": "en"}, headers=given)
    assert AuditEntry.objects.latest("id").ip_address == "203.0.113.7"


@pytest.mark.parametrize("mark", ["\u00b2", "9" * 30, "-1", "x"])
def test_ids_that_are_none_break_nothing(owner_client: Client, workspace: Workspace, mark: str) -> None:
    base = f"/w/{workspace.slug}"
    confirmed = {"action": "suppress", "confirmed": "1", "name": "x", "ids": mark}
    answers = [
        owner_client.post(f"{base}/profiles/bulk/", confirmed),
        owner_client.post(f"{base}/suppressions/bulk/", {"action": "remove", "ids": mark}),
        owner_client.post(f"{base}/audiences/new/rule/", {"g0_match": "all", "do": f"remove:{mark}.{mark}"}),
        owner_client.post(
            f"{base}/audiences/new/rule/",
            {
                "name": "x",
                "g0_match": "all",
                "g0_field": "audience",
                "g0_key": "",
                "g0_operator": "in_list",
                "g0_value": "",
                "g0_list": mark,
            },
        ),
        owner_client.get(f"{base}/settings/members/", {"invited": mark}),
        owner_client.get(f"{base}/profiles/", {"cursor": mark, "audience": mark, "size": mark}),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def test_column_choices_stay_small(owner: User, owner_client: Client) -> None:
    for number in range(110):
        owner_client.post("/me/columns", {"key": f"list-{number}", "columns": ["at", "x" * 5_000]})
    owner.refresh_from_db()
    kept = owner.preferences["columns"]
    assert len(kept) == 100
    assert kept["list-109"] == ["at"]


def test_a_column_name_of_a_file_is_no_formula_either() -> None:
    response = csv_response("refused", ["=HYPERLINK(1)", "phone"], [["+1", "@x"]])
    text = b"".join(response.streaming_content).decode()  # type: ignore[arg-type]
    assert "'=HYPERLINK(1)" in text and ",=" not in text and "\ufeff=" not in text
