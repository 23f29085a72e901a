"""Tells the address book what items say about people: once for all items of an application."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery import queries as delivery_queries
from channels_app.webhooks.items import BadItem, Item
from channels_app.webhooks.people import sighting
from console.audiences import actions as audience_actions
from console.audiences.identities import Sighting
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

ACTOR = Actor.system("webhook")


def portfolios(workspace: Workspace, items: Sequence[Item]) -> dict[str, str]:
    """{phone_number_id: its business portfolio's id, "" when Meta didn't say} of the numbers that are this workspace's."""
    wanted = {item.phone_number_id for item in items}
    rows = PhoneNumber.objects.filter(workspace=workspace, phone_number_id__in=wanted).values_list(
        "phone_number_id", "account__portfolio_id", "account__credentials__portfolio_id"
    )
    return {number: of_account or of_credentials for number, of_account, of_credentials in rows}


def instant(value: Any) -> datetime:
    """Unix seconds, or milliseconds as one courier was seen to send. Raises BadItem."""
    try:
        seconds = int(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 100_000_000_000 else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise BadItem("timestamp is not a time") from error


def learn(workspace: Workspace, items: Sequence[Item], known: dict[str, str]) -> list[tuple[int, ...]]:
    """Learns from messages and preferences; gives the profiles each is about. Only our own numbers make profiles."""
    return audience_actions.learn_identities(
        actor=ACTOR, workspace=workspace, sightings=[_sighting(item, known) for item in items]
    )


def _sighting(item: Item, known: dict[str, str]) -> Sighting:
    """No event is younger than now: a date in the future would stand against everything that comes after it."""
    at = min(instant(item.data.get("timestamp")), clock.now())
    seen = sighting(item, at, known.get(item.phone_number_id, ""))
    return seen if item.phone_number_id in known else replace(seen, creates=False, evidence={"event": item.kind})


def learn_from_statuses(workspace: Workspace, items: Sequence[Item]) -> None:
    """Learns whom a message reached: only what names a user id says anything new. Makes no profile.

    Two statements when nothing is new; else the numbers we wrote to are read too, since Meta may spell them otherwise.
    """
    named = [item for item in items if item.contact or item.data.get("recipient_user_id")]
    known = portfolios(workspace, named) if named else {}
    pairs = [(item, _sighting(item, known)) for item in named if item.phone_number_id in known]
    pairs = [(item, seen) for item, seen in pairs if seen.address.bsuid]
    left = [pairs[place] for place in audience_actions.unexplained(workspace, [seen for _item, seen in pairs])]
    if not left:
        return
    written = delivery_queries.recipients_by_wamid(workspace, {item.data["id"] for item, _seen in left})
    told = []
    for item, seen in left:
        phone = written.get(item.data["id"], "")
        address = replace(seen.address, phone=phone) if phone.startswith("+") and seen.address.wa_id else seen.address
        told.append(replace(seen, address=address))
    audience_actions.learn_identities(actor=ACTOR, workspace=workspace, sightings=told)
