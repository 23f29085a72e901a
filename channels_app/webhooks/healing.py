"""Applies what waited for its number, once the number is connected in the workspace that received it."""

import logging

from django.db.models import Exists, OuterRef

from channels_app.accounts.models import PhoneNumber
from channels_app.webhooks.applying import apply_again
from channels_app.webhooks.models import QuarantinedItem
from console.kit.errors import Refused
from console.workspaces.actors import Actor

log = logging.getLogger("waymark.webhooks")

MOST_AT_ONCE = 500


def heal() -> int:
    """Applies open items whose number exists now in their own workspace; gives how many. A number of another workspace
    heals nothing."""
    connected = PhoneNumber.objects.filter(
        phone_number_id=OuterRef("phone_number_id"), workspace=OuterRef("body__workspace")
    )
    waiting = QuarantinedItem.objects.filter(code="unknown_number", resolved_at__isnull=True)
    found = waiting.filter(Exists(connected)).select_related("body__workspace").order_by("body_id", "position")
    healed = 0
    for item in found[:MOST_AT_ONCE]:
        try:
            apply_again(actor=Actor.system("webhook"), workspace=item.body.workspace, quarantined=item)
            healed += 1
        except Refused as refused:
            QuarantinedItem.objects.filter(pk=item.pk).update(code="", failure=str(refused.sentence)[:300])
            log.warning("webhooks: item %s of body %s still bad", item.position, item.body_id)
    return healed
