"""What is done with outgoing webhooks: made, changed, turned on and off, tested; a delivery sent again."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from console.alerts import actions, payload
from console.alerts.alert_kinds import ENDPOINT_OFF
from console.alerts.models import Delivery, Endpoint, new_signing_secret
from console.alerts.states import DELIVERY
from console.kit import clock, queue
from console.kit.addresses import without_path
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

MOST_ENDPOINTS = 20
DELIVER = "console.alerts.tasks.deliver"


def create_endpoint(*, actor: Actor, workspace: Workspace, name: str, url: str, kinds: Sequence[str]) -> Endpoint:
    """Makes an endpoint, turned on, with a secret of its own. Raises Refused when the name is taken or there are too many."""
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)  # two at once would both find room
        if Endpoint.objects.filter(workspace=workspace).count() >= MOST_ENDPOINTS:
            raise Refused(
                "alerts.too_many_endpoints",
                _("A workspace has at most %(count)s outgoing webhooks. Delete one that is not used any more.")
                % {"count": MOST_ENDPOINTS},
            )
        try:
            with transaction.atomic():
                endpoint = Endpoint.objects.create(
                    workspace=workspace,
                    name=name,
                    url=url,
                    kinds=list(kinds),
                    created_by=actor.user,
                    created_at=clock.now(),
                )
        except IntegrityError as error:
            raise _name_taken(name) from error
        audit.record(actor, workspace, "alerts.create_endpoint", endpoint, _told({"url": url, "kinds": list(kinds)}))
    return endpoint


def update_endpoint(
    *, actor: Actor, workspace: Workspace, endpoint: Endpoint, name: str, url: str, kinds: Sequence[str]
) -> None:
    """Changes name, address and kinds; the audit entry names what differs. Raises Refused when the name is taken."""
    wanted = {"name": name, "url": url, "kinds": list(kinds)}
    before = {key: getattr(endpoint, key) for key in wanted}
    if before == wanted:
        return
    pairs = {key: [_told(before)[key], value] for key, value in _told(wanted).items()}
    changes = {key: pair for key, pair in pairs.items() if before[key] != wanted[key]}
    with transaction.atomic():
        try:
            with transaction.atomic():
                Endpoint.objects.filter(pk=endpoint.pk).update(**wanted)
        except IntegrityError as error:
            raise _name_taken(name) from error
        for key, value in wanted.items():
            setattr(endpoint, key, value)
        audit.record(actor, workspace, "alerts.update_endpoint", endpoint, changes)


def turn_on(*, actor: Actor, workspace: Workspace, endpoint: Endpoint) -> None:
    """Turns an endpoint on with a clean count, and ends the alert that it was turned off."""
    with transaction.atomic():
        mine = Endpoint.objects.filter(pk=endpoint.pk, is_on=False)
        if not mine.update(is_on=True, off_reason="", failure_count=0):
            return
        endpoint.is_on = True
        actions.resolve_alert(workspace, ENDPOINT_OFF.name, key=str(endpoint.pk))
        audit.record(actor, workspace, "alerts.turn_on_endpoint", endpoint)


def turn_off(*, actor: Actor, workspace: Workspace, endpoint: Endpoint, reason: str = "person") -> None:
    """Turns an endpoint off; what waited for it is given up and can be sent again. Owners hear of it unless a person did it."""
    with transaction.atomic():
        if not Endpoint.objects.filter(pk=endpoint.pk, is_on=True).update(is_on=False, off_reason=reason):
            return
        endpoint.is_on = False
        waiting = Delivery.objects.filter(endpoint=endpoint, status="waiting")
        DELIVERY.move_all(waiting, "give_up", failure="off", lease_until=None)
        audit.record(actor, workspace, "alerts.turn_off_endpoint", endpoint, {"reason": reason})
        if reason != "person":
            count = Endpoint.objects.values_list("failure_count", flat=True).get(pk=endpoint.pk)
            facts = {"endpoint_pk": endpoint.pk, "reason": reason, "failure_count": count}
            actions.raise_alert(workspace, ENDPOINT_OFF.name, key=str(endpoint.pk), subject=endpoint.name, facts=facts)


def roll_secret(*, actor: Actor, workspace: Workspace, endpoint: Endpoint) -> str:
    """Gives the endpoint a new secret and returns it, once; the old one signs nothing any more."""
    with transaction.atomic():
        endpoint.secret = new_signing_secret()
        endpoint.save(update_fields=["secret"])
        audit.record(actor, workspace, "alerts.roll_endpoint_secret", endpoint)
    return endpoint.secret


def send_test(*, actor: Actor, workspace: Workspace, endpoint: Endpoint) -> Delivery:
    """Puts a test on its way; it is tried once. Raises Refused while the endpoint is off."""
    _require_on(workspace, endpoint)
    now = clock.now()
    with transaction.atomic():
        delivery = Delivery.objects.create(
            workspace=workspace,
            endpoint=endpoint,
            event="test",
            body=payload.trial_event(workspace, now, settings.WAYMARK_BASE_URL),
            due_at=now,
            created_at=now,
        )
        audit.record(actor, workspace, "alerts.test_endpoint", endpoint)
        queue.ring(DELIVER)
    return delivery


def send_again(*, actor: Actor, workspace: Workspace, delivery: Delivery) -> None:
    """Puts a delivery that ended on its way again, with its id. Raises Refused while the endpoint is off, or MoveRefused."""
    _require_on(workspace, delivery.endpoint)
    with transaction.atomic():
        DELIVERY.move(
            delivery, "retry", attempt_count=0, due_at=clock.now(), lease_until=None, delivered_at=None, failure=""
        )
        changes = {"delivery": delivery.pk, "event": delivery.event}
        audit.record(actor, workspace, "alerts.send_delivery_again", delivery.endpoint, changes)
        queue.ring(DELIVER)


def delete_endpoint(*, actor: Actor, workspace: Workspace, endpoint: Endpoint) -> None:
    """Deletes an endpoint with its log, and ends the alert that it was turned off."""
    with transaction.atomic():
        audit.record(actor, workspace, "alerts.delete_endpoint", endpoint, _told({"url": endpoint.url}))
        actions.resolve_alert(workspace, ENDPOINT_OFF.name, key=str(endpoint.pk))
        endpoint.delete()


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """How the trail shows an endpoint: more people read it than may see the address, whose path is often a key."""
    return {key: without_path(value) if key == "url" else value for key, value in values.items()}


def _require_on(workspace: Workspace, endpoint: Endpoint) -> None:
    if not endpoint.is_on:
        raise Refused(
            "alerts.endpoint_off",
            _("The outgoing webhook is off. Turn it on first, then send."),
            fix_url=reverse("alerts:endpoint", args=[workspace.slug, endpoint.pk]),
            fix_label=_("Open the webhook"),
        )


def _name_taken(name: str) -> Refused:
    return Refused(
        "alerts.name_taken",
        _("Another outgoing webhook has the name “%(name)s”. Choose a different one.") % {"name": name},
    )
