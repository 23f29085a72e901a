"""Signing in: password, second factor, rate limit, reset by mail, and no way in for strangers."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client

from console.workspaces.models import AuditEntry, User, Workspace
from tests.factories.workspaces import make_user

PASSWORD = "waymark-test"
pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD) -> object:
    return client.post("/accounts/login/", {"login": email, "password": password})


def confirm(client: Client) -> None:
    """Types the password again, as pages that change the account's protection ask."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def noted() -> set[str]:
    """What the audit trail says about accounts; never a secret."""
    assert not AuditEntry.objects.filter(changes__icontains="another-long-one").exists()
    return set(AuditEntry.objects.filter(workspace=None).values_list("action", flat=True))


def code_of(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_the_right_password_leads_into_the_only_workspace(client: Client, owner: User, workspace: Workspace) -> None:
    response = sign_in(client, owner.email.upper())
    assert response.status_code == 302
    assert client.get("/", follow=True).redirect_chain[-1][0] == f"/w/{workspace.slug}/"


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, known: bool) -> None:
    email = make_user().email if known else "nobody@example.com"
    page = sign_in(client, email, "wrong-password")
    assert "The e-mail address or the password is wrong." in page.content.decode()


def test_too_many_wrong_passwords_are_stopped_even_with_the_right_one(client: Client) -> None:
    person = make_user()
    for _attempt in range(5):
        sign_in(client, person.email, "wrong-password")
    page = sign_in(client, person.email)
    assert "Too many attempts to sign in." in page.content.decode()


def test_too_many_sign_ins_from_one_address_get_the_page_that_says_so(client: Client) -> None:
    answers = [sign_in(client, f"person{n}@example.com", "wrong").status_code for n in range(31)]
    assert answers[-1] == 429


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/accounts/signup/")["Location"] == "/accounts/login/"
    client.post("/accounts/signup/", {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="new@example.com").exists()


def test_a_closed_account_does_not_get_in(client: Client) -> None:
    person = make_user(is_active=False)
    sign_in(client, person.email)
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_post(owner_client: Client) -> None:
    assert owner_client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in owner_client.session
    owner_client.post("/accounts/logout/")
    assert "_auth_user_id" not in owner_client.session


@pytest.mark.django_db(transaction=True)  # allauth tells about it after the commit, within the request
def test_totp_is_turned_on_asked_for_and_gives_recovery_codes(client: Client, owner: User) -> None:
    sign_in(client, owner.email)
    confirm(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = client.session["mfa.totp.secret"]
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    kinds = set(Authenticator.objects.filter(user=owner).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    assert noted() == {"workspaces.add_second_factor"}
    assert "unused codes of 10" in client.get("/accounts/2fa/recovery-codes/").content.decode()

    fresh = Client()
    assert sign_in(fresh, owner.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert fresh.get("/w/x/").status_code == 302
    wrong = fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is wrong" in wrong.content.decode()
    codes = Authenticator.objects.get(user=owner, type="recovery_codes").wrap().get_unused_codes()
    assert fresh.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert "_auth_user_id" in fresh.session


def test_protection_is_changed_only_after_confirming_who_it_is(
    client_of: Callable[[User], Client], owner: User
) -> None:
    client = client_of(owner)  # a session that never typed a password
    response = client.get("/accounts/2fa/totp/activate/")
    assert response["Location"].startswith("/accounts/reauthenticate/")
    page = client.get(response["Location"])
    assert page.status_code == 200
    done = client.post(response["Location"], {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"})
    assert done["Location"] == "/accounts/2fa/totp/activate/"


def test_a_password_is_reset_by_mail_and_the_link_works_once(client: Client) -> None:
    person = make_user()
    client.post("/accounts/password/reset/", {"email": person.email})
    link = re.search(r"http://[^/]+(/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link)["Location"]
    new = {"password1": "another-long-one", "password2": "another-long-one"}
    assert client.post(form, new)["Location"].endswith("/key/done/")
    assert User.objects.get(pk=person.pk).check_password("another-long-one")
    assert noted() == {"workspaces.change_password"}
    assert "This link no longer works" in Client().get(link).content.decode()


def test_a_reset_for_an_unknown_address_says_the_same_and_mails_nobody(client: Client) -> None:
    known = client.post("/accounts/password/reset/", {"email": make_user().email}, follow=True)
    sent = len(mail.outbox)
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert [page.redirect_chain for page in (known, unknown)] == [[("/accounts/password/reset/done/", 302)]] * 2
    assert sent == len(mail.outbox) == 1


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/2fa/webauthn/add/"])
def test_passkey_pages_carry_no_inline_script(client: Client, owner: User, path: str) -> None:
    if "2fa" in path:
        sign_in(client, owner.email)
        confirm(client)
    response = client.get(path)
    page = response.content.decode()
    inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag and "application/json" not in tag]
    assert response.status_code == 200
    assert not inline
    assert "wm/js/passkeys" in page
    assert "unsafe-inline" not in response["Content-Security-Policy"]


def test_passkey_sign_in_hands_out_a_challenge(client: Client) -> None:
    answer = client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    assert answer.json()["request_options"]["publicKey"]["challenge"]
