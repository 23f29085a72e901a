"""The link with which an invited person sets a password, and the mail that carries it.

The link is allauth's password reset link: it works once and for PASSWORD_RESET_TIMEOUT (three days).
"""

import logging
from dataclasses import dataclass
from functools import partial

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from console.workspaces.models import User, Workspace

log = logging.getLogger("waymark.mail")


@dataclass(frozen=True)
class Invitation:
    """What came of an invitation: the person, and the link when it may be shown to who invited (else empty)."""

    person: User
    link: str = ""


def set_password_link(person: User) -> str:
    """The whole address of the page where this person sets a password. No query."""
    key = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return settings.WAYMARK_BASE_URL + reverse("account_reset_password_from_key", kwargs=key)


def may_show_link(person: User, workspace: Workspace | None) -> bool:
    """Whether the inviter may see the link: only on a laptop, and while the account opens nothing but this one workspace.

    Elsewhere the mail alone carries it: an owner with the link could take the account of an address that is somebody
    else's, and wait until another workspace invites that address. Staff, who run the installation, may see it.
    """
    if not settings.IS_LOCAL or person.has_usable_password() or person.is_staff or person.last_login:
        return False
    others = person.memberships.all()
    return not (others.exclude(workspace=workspace) if workspace else others).exists()


def mail_invitation(person: User, *, inviter: str, workspace: Workspace | None) -> None:
    """Sends the invitation after the commit; mail that fails is logged and never breaks the write."""
    transaction.on_commit(partial(_send, person, inviter, workspace))


def _send(person: User, inviter: str, workspace: Workspace | None) -> None:
    context = {
        "person": person,
        "inviter": inviter,
        "workspace": workspace,
        "link": "" if person.has_usable_password() else set_password_link(person),
        "home": settings.WAYMARK_BASE_URL,
    }
    with translation.override(person.language or translation.get_language()):
        subject = render_to_string("workspaces/mail/invitation_subject.txt", context).strip()
        body = render_to_string("workspaces/mail/invitation.txt", context).strip()
    try:
        send_mail(subject, body, None, [person.email])
    except OSError:  # smtplib's errors are OSErrors: the link can be copied from the page instead
        log.exception("mail: the invitation of person %s could not be sent", person.pk)
