"""allauth's forms with our labels: no placeholders instead of labels, our words for codes and passkeys."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

CODE = _("Code")
CODE_HELP = _("Six digits from your authenticator app, or one of your recovery codes.")


class Words:
    """Gives fields our labels and help; mixed in before an allauth form."""

    labels: ClassVar[dict[str, Any]] = {}
    helps: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class LoginForm(Words, account.LoginForm):
    labels: ClassVar = {"login": _("E-mail address"), "password": _("Password"), "remember": _("Keep me signed in")}


class ReauthenticateForm(Words, account.ReauthenticateForm):
    labels: ClassVar = {"password": _("Password")}


class ResetPasswordForm(Words, account.ResetPasswordForm):
    labels: ClassVar = {"email": _("E-mail address")}


class ResetPasswordKeyForm(Words, account.ResetPasswordKeyForm):
    labels: ClassVar = {"password1": _("New password"), "password2": _("New password again")}
    helps: ClassVar = {"password1": _("At least 8 characters, not a common one and not like your name.")}


class SetPasswordForm(Words, account.SetPasswordForm):
    labels: ClassVar = {"password1": _("New password"), "password2": _("New password again")}
    helps: ClassVar = {"password1": _("At least 8 characters, not a common one and not like your name.")}


class ChangePasswordForm(Words, account.ChangePasswordForm):
    labels: ClassVar = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    helps: ClassVar = {"password1": _("At least 8 characters, not a common one and not like your name.")}


class AuthenticateForm(Words, mfa.AuthenticateForm):
    labels: ClassVar = {"code": CODE}
    helps: ClassVar = {"code": CODE_HELP}


class MfaReauthenticateForm(Words, mfa.ReauthenticateForm):
    labels: ClassVar = {"code": CODE}
    helps: ClassVar = {"code": CODE_HELP}


class ActivateTotpForm(Words, totp.ActivateTOTPForm):
    labels: ClassVar = {"code": CODE}
    helps: ClassVar = {"code": _("The six digits your app shows now.")}


class AddPasskeyForm(Words, webauthn.AddWebAuthnForm):
    labels: ClassVar = {"name": _("Name"), "passwordless": _("Sign in with it alone")}
    helps: ClassVar = {
        "name": _("So that you can tell your passkeys apart, for example “Work laptop”."),
        "passwordless": _("Without a password. The device must check your face, finger or PIN."),
    }


class EditPasskeyForm(Words, webauthn.EditWebAuthnForm):
    labels: ClassVar = {"name": _("Name")}
