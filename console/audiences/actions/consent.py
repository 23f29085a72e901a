"""Writes consent receipts and suppressions, in batches."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from console.audiences.models import Consent, ConsentEntry, Profile, Purpose, Suppression
from console.kit import clock
from console.kit.batches import batched
from console.kit.errors import Refused
from console.kit.retrying import retried
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace


def record_consent(
    *,
    actor: Actor,
    workspace: Workspace,
    profile_ids: Iterable[int],
    purpose: str,
    value: str,
    source: str,
    evidence: Mapping[str, Any],
    given_at: datetime | None = None,
) -> int:
    """Adds a receipt for each profile of the workspace and brings the newest value up to date; returns how many.

    `value` is granted or withdrawn; a receipt older than the newest one is kept but changes nothing. Ids of other
    workspaces are passed over. Per thousand: three statements. One audit entry for all.

    The profiles are locked first: a receipt that somebody adds in this moment would not be seen otherwise.
    """
    if purpose not in Purpose.values or value not in (Consent.GRANTED, Consent.WITHDRAWN):
        raise Refused("consent.unknown", _("Consent is given or withdrawn, for marketing, utility or authentication."))
    now, ids = clock.now(), sorted(set(profile_ids))
    given_at = min(given_at or now, now)

    def write() -> int:
        total = 0
        for batch in batched(ids):
            rows = Profile.objects.filter(workspace=workspace, pk__in=batch).order_by("pk")
            known = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
            ConsentEntry.objects.bulk_create(
                ConsentEntry(
                    workspace=workspace,
                    profile_id=pk,
                    purpose=purpose,
                    value=value,
                    source=source,
                    evidence=dict(evidence),
                    given_at=given_at,
                    recorded_at=now,
                    recorded_by=actor.user,
                )
                for pk in known
            )
            refresh_consent(known, purpose)
            total += len(known)
        if total:
            facts: dict[str, Any] = {"purpose": purpose, "value": value, "source": source, "profiles": total}
            if total == 1:
                facts["profile"] = known[0]
            audit.record(actor, workspace, "audiences.record_consent", None, facts)
        return total

    return retried(write)


def refresh_consent(profile_ids: Sequence[int], purpose: str) -> None:
    """Sets the column of a purpose to the newest receipt, by when it was given. One UPDATE."""
    newest = (
        ConsentEntry.objects.filter(profile=OuterRef("pk"), purpose=purpose)
        .order_by("-given_at", "-pk")
        .values("value")[:1]
    )
    Profile.objects.filter(pk__in=profile_ids).update(**{f"{purpose}_consent": Subquery(newest)})


def suppress(
    *,
    actor: Actor,
    workspace: Workspace,
    addresses: Iterable[str],
    reason: str,
    purpose: str = "",
    until_at: datetime | None = None,
) -> int:
    """Closes addresses (E.164 or business-scoped user id) for a purpose, or for all; returns how many.

    One that is closed already gets the new reason and end. One statement per thousand, one audit entry.
    """
    now, total = clock.now(), 0
    with transaction.atomic():
        for given in batched(filter(None, addresses)):
            batch = list(dict.fromkeys(given))
            Suppression.objects.bulk_create(
                (
                    Suppression(
                        workspace=workspace,
                        address=address,
                        purpose=purpose,
                        reason=reason[:60],
                        until_at=until_at,
                        created_at=now,
                    )
                    for address in batch
                ),
                update_conflicts=True,
                unique_fields=["workspace", "address", "purpose"],
                update_fields=["reason", "until_at"],
            )
            total += len(batch)
        if total:
            facts = {"addresses": total, "reason": reason[:60], "purpose": purpose}
            audit.record(actor, workspace, "audiences.suppress", None, facts)
    return total


def unsuppress(*, actor: Actor, workspace: Workspace, suppressions: QuerySet[Suppression], note: str) -> int:
    """Opens addresses again; consent still decides who may be written to. One DELETE, one audit entry."""
    with transaction.atomic():
        total, _by_model = suppressions.filter(workspace=workspace).delete()
        if total:
            audit.record(actor, workspace, "audiences.unsuppress", None, {"addresses": total, "note": note[:300]})
    return total
