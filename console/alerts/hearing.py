"""Who hears of an alert, and on which way: what a member chose, else what the kind and the role say."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.alerts.kinds import AlertKind
from console.alerts.models import Emails, Subscription
from console.workspaces import roles
from console.workspaces.models import Membership, Workspace
from console.workspaces.roles import Role

URGENT = "bad"  # the tone of an alert that is worth an e-mail to whoever runs the channel
MAILED_BY_DEFAULT = (Role.OWNER, Role.CHANNEL_ADMIN)


@dataclass(frozen=True)
class Choice:
    """How somebody wants to hear of one kind."""

    in_app: bool
    emails: str

    def wants_email(self, tone: str) -> bool:
        return self.emails == Emails.ALL or (self.emails == Emails.URGENT and tone == URGENT)


@dataclass(frozen=True)
class Hearer:
    """One member who hears of one alert."""

    user_id: int
    in_app: bool
    email: bool


def default_choice(role: str, kind: AlertKind) -> Choice:
    """The choice of a member who made none: the bell for whoever can act, urgent mails for those who run the channel."""
    if not roles.can(role, kind.default_capability):
        return Choice(False, Emails.NEVER)
    return Choice(True, Emails.URGENT if role in MAILED_BY_DEFAULT else Emails.NEVER)


def choices_of(role: str, kinds: Iterable[AlertKind], subscriptions: Iterable[Subscription]) -> dict[str, Choice]:
    """Kind -> what holds for a member with these rows. No query of its own."""
    chosen = {row.kind: Choice(row.in_app, row.emails) for row in subscriptions}
    return {kind.name: chosen.get(kind.name) or default_choice(role, kind) for kind in kinds}


def hearers(workspace: Workspace, kind: AlertKind, tone: str) -> list[Hearer]:
    """Every active member who may see the kind and wants to hear of it in this tone. Two queries."""
    members = Membership.objects.filter(workspace=workspace, user__is_active=True).values_list("user_id", "role")
    rows = Subscription.objects.filter(workspace=workspace, kind=kind.name)
    chosen = {row.user_id: Choice(row.in_app, row.emails) for row in rows}
    found = []
    for user_id, role in members:
        if not roles.can(role, kind.capability):
            continue
        choice = chosen.get(user_id) or default_choice(role, kind)
        wants_email = choice.wants_email(tone)
        if choice.in_app or wants_email:
            found.append(Hearer(user_id, choice.in_app, wants_email))
    return found
