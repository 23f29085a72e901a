"""What follows from Meta's answers beyond the one message: addresses, consent, templates. Safe to apply twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from channels_app.delivery import actions
from channels_app.delivery.models import Message
from channels_app.delivery.outcomes import Effect
from console.audiences.actions import record_consent, suppress
from console.audiences.models import Consent, Purpose
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

ACTOR = Actor.system("delivery")


@dataclass(frozen=True, slots=True)
class Followed:
    """One effect of one message's outcome; `at` is when Meta said so."""

    effect: Effect
    message_id: int
    code: int | None
    at: datetime


def follow(workspace: Workspace, followed: Iterable[Followed]) -> None:
    """Applies effects on people and templates, each kind in one batch per code. One query for the rows concerned."""
    by_id = {one.message_id: one for one in followed if one.effect in LASTING}
    if not by_id:
        return
    rows = Message.objects.filter(workspace=workspace, pk__in=by_id)
    groups: dict[tuple[Effect, int | None], list[tuple[Followed, int | None, str, int | None]]] = {}
    for pk, profile, recipient, version in rows.values_list("pk", "profile_id", "recipient", "template_version_id"):
        one = by_id[pk]
        groups.setdefault((one.effect, one.code), []).append((one, profile, recipient, version))
    for (effect, code), members in groups.items():
        reason = f"meta_{code}"
        if effect is Effect.SUPPRESS:
            suppress(
                actor=ACTOR, workspace=workspace, addresses={address for _o, _p, address, _v in members}, reason=reason
            )
        elif effect is Effect.HOLD_TEMPLATE:
            for version in {version for _o, _p, _r, version in members if version}:
                actions.hold_template(actor=ACTOR, workspace=workspace, template_version_id=version, reason=reason)
        else:
            record_consent(
                actor=ACTOR,
                workspace=workspace,
                profile_ids={profile for _o, profile, _r, _v in members if profile},
                purpose=Purpose.MARKETING,
                value=Consent.WITHDRAWN,
                source="whatsapp",
                evidence={"code": code, "message_ids": [one.message_id for one, _p, _r, _v in members][:20]},
                given_at=max(one.at for one, _p, _r, _v in members),
            )


LASTING = frozenset({Effect.SUPPRESS, Effect.HOLD_TEMPLATE, Effect.WITHDRAW_CONSENT})
