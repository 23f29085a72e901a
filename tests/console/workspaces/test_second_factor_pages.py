"""The pages around password, codes and passkeys, each reached and left as a person does."""

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from console.workspaces.models import User
from console.workspaces.sign_in import AccountAdapter

PASSWORD = "waymark-test"
NEW = "quite-another-word"


NOTES = [
    "account/email/password_changed",
    "account/email/password_reset",
    "account/email/password_set",
    "mfa/email/recovery_codes_generated",
    "mfa/email/totp_activated",
    "mfa/email/totp_deactivated",
    "mfa/email/webauthn_added",
    "mfa/email/webauthn_removed",
]


@pytest.fixture
def client_in(client: Client, owner: User) -> Client:
    """Signed in with a password, and confirmed a moment ago."""
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def passkey(owner: User) -> Authenticator:
    data = {"name": "Laptop", "passwordless": True, "credential": {}}
    return Authenticator.objects.create(user=owner, type="webauthn", data=data)


def test_a_changed_password_is_told_by_mail_and_ends_other_sessions(client_in: Client, owner: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(owner)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client_in.post("/accounts/password/change/", data)
    assert client_in.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert mail.outbox[0].subject == "Your Waymark password was changed"


def test_an_account_without_a_password_sets_one(client_in: Client, owner: User) -> None:
    owner.set_unusable_password()
    owner.save()
    client = Client()
    client.force_login(owner)
    assert client.get("/accounts/password/set/").status_code == 200
    client.post("/accounts/password/set/", {"password1": NEW, "password2": NEW})
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    assert mail.outbox[0].subject == "Your Waymark password was set"


@pytest.mark.django_db(transaction=True)  # allauth mails once the change is committed
def test_the_app_is_turned_off_and_codes_are_made_anew(client_in: Client, owner: User, passkey: Authenticator) -> None:
    TOTP.activate(owner, generate_totp_secret())
    RecoveryCodes.activate(owner)
    assert client_in.get("/accounts/2fa/recovery-codes/generate/").status_code == 200
    made = client_in.post("/accounts/2fa/recovery-codes/generate/")
    assert made["Location"] == "/accounts/2fa/recovery-codes/"
    assert client_in.get("/accounts/2fa/recovery-codes/download/")["Content-Disposition"].startswith("attachment")
    assert client_in.get("/accounts/2fa/totp/deactivate/").status_code == 200
    client_in.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=owner, type="totp").exists()
    subjects = [message.subject for message in mail.outbox]
    assert subjects == ["New recovery codes", "Authenticator app turned off"]


def test_a_passkey_is_renamed_and_removed(client_in: Client, passkey: Authenticator) -> None:
    key = f"/accounts/2fa/webauthn/keys/{passkey.pk}"
    assert client_in.get(f"{key}/edit/").status_code == 200
    client_in.post(f"{key}/edit/", {"name": "Desk"})
    assert "Desk" in client_in.get("/accounts/2fa/webauthn/").content.decode()
    assert "Desk" in client_in.get(f"{key}/remove/").content.decode()
    client_in.post(f"{key}/remove/")
    assert not Authenticator.objects.filter(pk=passkey.pk).exists()
    assert mail.outbox[0].subject == "Passkey removed"


def test_who_has_a_second_factor_may_confirm_with_it(owner: User) -> None:
    TOTP.activate(owner, generate_totp_secret())
    client = Client()
    client.force_login(owner)
    page = client.get("/accounts/2fa/reauthenticate/").content.decode()
    assert "one of your recovery codes" in page


def test_the_page_that_confirms_with_a_passkey_carries_its_challenge(rf: RequestFactory) -> None:
    context = {"form": ReauthenticateWebAuthnForm(user=None), "js_data": {"request_options": {"challenge": "abc"}}}
    page = render_to_string("mfa/webauthn/reauthenticate.html", context, rf.get("/"))
    assert 'data-wm-passkey="authenticate"' in page
    assert '{"request_options": {"challenge": "abc"}}' in page


@pytest.mark.parametrize("prefix", NOTES)
def test_every_note_about_an_account_says_what_and_from_where(rf: RequestFactory, prefix: str) -> None:
    request = rf.get("/")
    facts = {"ip": "203.0.113.9", "user_agent": "test", "timestamp": "now"}
    with context.request_context(request):
        get_adapter().send_mail(prefix, "ada@example.com", facts)
    (message,) = mail.outbox
    assert message.subject
    assert "203.0.113.9" in message.body


@pytest.mark.parametrize("name", sorted(AccountAdapter.shown_messages))
def test_every_toast_has_words(name: str) -> None:
    assert render_to_string(name).strip().endswith(".")
