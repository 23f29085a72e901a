"""How people get in: no open sign-up; members join by invitation of an owner or by staff."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """Closed sign-up, our own words, and only the toasts that tell a person something new."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is wrong. Check both and try again."),
        "too_many_login_attempts": _("Too many attempts to sign in. Wait five minutes, then try again."),
        "incorrect_password": _("The password is wrong. Type your current one."),
        "invalid_password_reset": _("This link was used already or is too old. Ask for a new one."),
        "password_min_length": _("The password is too short. Use at least {0} characters."),
        "rate_limited": _("Too many attempts. Wait a few minutes, then try again."),
        "unknown_email": _("No account has this e-mail address."),
    }
    shown_messages = frozenset(
        {
            "account/messages/password_changed.txt",
            "account/messages/password_set.txt",
            "mfa/messages/recovery_codes_generated.txt",
            "mfa/messages/totp_activated.txt",
            "mfa/messages/totp_deactivated.txt",
            "mfa/messages/webauthn_added.txt",
            "mfa/messages/webauthn_removed.txt",
        }
    )

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Signing in or out shows itself: a toast about it is noise."""
        if message_template is None or message_template in self.shown_messages:
            super().add_message(request, level, message_template, *args, **kwargs)

    def format_email_subject(self, subject: str) -> str:
        return str(subject)


class MfaAdapter(DefaultMFAAdapter):
    """The second factor in our own words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong or was used already. Type the newest one your app shows."),
        "cannot_delete_authenticator": _("Two-factor sign-in can't be turned off for this account."),
    }
