"""Who may do what: the one table that menus, buttons, views and the API read."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    VIEWER = "viewer", _("Viewer")
    MARKETER = "marketer", _("Marketer")
    APPROVER = "approver", _("Approver")
    CHANNEL_ADMIN = "channel_admin", _("Channel admin")
    OWNER = "owner", _("Workspace owner")


V, M, A, C, O = Role.VIEWER, Role.MARKETER, Role.APPROVER, Role.CHANNEL_ADMIN, Role.OWNER  # noqa: E741
EVERYONE = frozenset({V, M, A, C, O})

CAPABILITIES: dict[str, frozenset[Role]] = {
    "workspace.view": EVERYONE,
    "workspace.manage": frozenset({O}),  # name, time zone, members, roles
    "policies.accept": frozenset({C, O}),  # in the name of the team, before anything is sent
    "audit.view": frozenset({A, C, O}),
    "profiles.view": EVERYONE,
    "profiles.see_numbers": frozenset({M, C, O}),  # others see the last four digits
    "profiles.edit": frozenset({M, O}),
    "profiles.import": frozenset({M, O}),
    "audiences.view": EVERYONE,
    "audiences.edit": frozenset({M, O}),
    "accounts.view": EVERYONE,
    "accounts.manage": frozenset({C, O}),  # credentials, accounts, numbers, webhook, channel configurations
    "templates.view": EVERYONE,
    "templates.manage": frozenset({C, M, O}),  # sync, later: write and submit
    "campaigns.view": EVERYONE,
    "campaigns.edit": frozenset({M, O}),
    "campaigns.activate": frozenset({M, A, O}),  # activate, pause, resume, stop
    "delivery.view": EVERYONE,
}


def can(role: str | None, capability: str) -> bool:
    """Whether a role has a capability; an unknown capability is a programming error (KeyError)."""
    return role in CAPABILITIES[capability]
