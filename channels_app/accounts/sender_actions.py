"""Step 2 of connecting: which of the visible accounts are used, and which of their numbers send. Re-exported by actions."""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.account_actions import add_account
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

USING = ("active", "processing")  # configurations of these states send, or are about to


def connect_accounts(
    *, actor: Actor, workspace: Workspace, credentials: ApiCredentials, waba_ids: Collection[str]
) -> tuple[list[WhatsAppAccount], dict[str, Refused]]:
    """Connects each of these accounts with its numbers: those that worked, and {id: why not} for the others."""
    connected, refused = [], {}
    for waba_id in dict.fromkeys(waba_ids):
        try:
            connected.append(add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=waba_id))
        except Refused as error:
            refused[waba_id] = error
    return connected, refused


def choose_senders(
    *, actor: Actor, workspace: Workspace, credentials: ApiCredentials, number_ids: Collection[int]
) -> int:
    """Makes exactly these numbers of the credentials' accounts senders; gives how many there are.

    Raises Refused for a number that would be dropped while a configuration sends with it. Five statements.
    """
    with transaction.atomic():
        rows = list(
            PhoneNumber.objects.select_for_update(no_key=True)
            .filter(workspace=workspace, account__credentials=credentials)
            .order_by("pk")
        )
        dropped = [row for row in rows if row.is_sender and row.pk not in number_ids]
        added = [row for row in rows if not row.is_sender and row.pk in number_ids]
        _refuse_used(workspace, dropped)
        PhoneNumber.objects.filter(pk__in=[row.pk for row in dropped]).update(is_sender=False)
        PhoneNumber.objects.filter(pk__in=[row.pk for row in added]).update(is_sender=True)
        if added or dropped:
            changes = {
                "added": [row.phone_number_id for row in added],
                "dropped": [row.phone_number_id for row in dropped],
            }
            audit.record(actor, workspace, "accounts.choose_senders", credentials, changes)
    return sum(row.pk in number_ids for row in rows)


def _refuse_used(workspace: Workspace, numbers: Collection[PhoneNumber]) -> None:
    using = (
        ChannelConfiguration.objects.filter(workspace=workspace, phone_number__in=numbers, status__in=USING)
        .select_related("phone_number")
        .order_by("name", "pk")
        .first()
    )
    if using is not None:
        raise Refused(
            "accounts.sender_in_use",
            _("%(number)s is used by the channel configuration “%(name)s”. Deactivate that first, or keep the number.")
            % {"number": using.phone_number, "name": using.name},
            fix_url=reverse("accounts:channel", args=[workspace.slug, using.pk]),
            fix_label=_("Open the configuration"),
        )
