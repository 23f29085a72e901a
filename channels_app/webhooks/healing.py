"""Applies what waited for its number, once the number is connected in the workspace that received it."""

import logging
import time

from django.db.models import Exists, OuterRef

from channels_app.accounts.models import PhoneNumber
from channels_app.webhooks.applying import apply_again
from channels_app.webhooks.models import QuarantinedItem
from console.kit.errors import Refused
from console.workspaces.actors import Actor

log = logging.getLogger("waymark.webhooks")

MOST_AT_ONCE = 500
BUDGET_S = 20.0  # an item costs taking its whole body apart: the watch that comes after must not wait for thousands


def heal() -> int:
    """Applies open items whose number exists now in their own workspace; gives how many. A number of another workspace
    heals nothing."""
    connected = PhoneNumber.objects.filter(
        phone_number_id=OuterRef("phone_number_id"), workspace=OuterRef("body__workspace")
    )
    waiting = QuarantinedItem.objects.filter(code="unknown_number", resolved_at__isnull=True)
    found = waiting.filter(Exists(connected)).order_by("body_id", "position").values_list("pk", flat=True)
    healed, end = 0, time.monotonic() + BUDGET_S
    for pk in list(found[:MOST_AT_ONCE]):
        if time.monotonic() > end:
            break
        item = QuarantinedItem.objects.select_related("body__workspace").get(pk=pk)  # one body in memory, not all
        try:
            apply_again(actor=Actor.system("webhook"), workspace=item.body.workspace, quarantined=item)
            healed += 1
        except Refused as refused:
            QuarantinedItem.objects.filter(pk=item.pk).update(code="", failure=str(refused.sentence)[:300])
            log.warning("webhooks: item %s of body %s still bad", item.position, item.body_id)
    return healed
