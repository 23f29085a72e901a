"""The sender's side of the database: everything it asks and writes, in short transactions, never during a call to Meta."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Q

from channels_app.accounts import actions as accounts
from channels_app.accounts.models import PhoneNumber
from channels_app.accounts.queries import sending_secrets
from channels_app.delivery import claims, effects, leases, queries, records, settlement
from channels_app.delivery.catalog import Catalog
from channels_app.delivery.claims import Batch
from channels_app.delivery.effects import Followed
from channels_app.delivery.leases import Grip
from channels_app.delivery.models import Hold
from channels_app.delivery.records import Accepted, NotAccepted
from console.kit import clock

log = logging.getLogger("waymark.delivery")


class Desk:
    """One number, held by one lease. Every method is one or a few short statements."""

    def __init__(self, number: PhoneNumber, grip: Grip) -> None:
        self.number = number
        self.grip = grip
        self.catalog = Catalog()
        self.access_token, self.app_secret = sending_secrets(number)

    @classmethod
    def open(cls, phone_number_id: int, holder: str) -> "Desk | None":
        """Takes the number's lease and turns a dead holder's lost claims into `unknown`; None when it can't be had."""
        number = (
            PhoneNumber.objects.filter(pk=phone_number_id, status="CONNECTED")
            .select_related("workspace", "account")
            .first()
        )
        if number is None:
            return None
        grip = leases.take(phone_number_id, holder, clock.now())
        if grip is None:
            return None
        settlement.expire_claims(clock.now(), phone_number_id=phone_number_id)
        return cls(number, grip)

    def claim(self, limit: int) -> Batch:
        batch = claims.claim(number=self.number, epoch=self.grip.epoch, limit=limit, now=clock.now())
        self.catalog.learn(batch.claims)
        return batch

    def held(self, sources: Collection[str], versions: Collection[int]) -> set[tuple[str, str]]:
        """(scope, key) of every hold that concerns these messages now; number, workspace and all count as ("all", "")."""
        own = Q(scope="all") | Q(scope="number", key=str(self.number.pk))
        own |= Q(scope="workspace", key=str(self.number.workspace_id))
        theirs = Q(scope="source", key__in=sources) | Q(scope="template", key__in=[str(pk) for pk in versions])
        found = Hold.objects.filter(own | theirs).values_list("scope", "key")
        return {(scope, key) if scope in ("source", "template") else ("all", "") for scope, key in found}

    def record(self, accepted: Sequence[Accepted], others: Sequence[NotAccepted], followed: Sequence[Followed]) -> None:
        """Writes outcomes and what follows from them. What a stopped send gets back is canceled by the next claim."""
        if not followed:
            records.record(accepted, others)
            return
        try:
            with transaction.atomic():
                records.record(accepted, others)
                effects.follow(self.number.workspace, followed)
        except OperationalError:
            raise
        except Exception:  # an outcome must not be lost because what follows from it failed
            log.exception("delivery: effects of %s outcomes could not be applied", len(followed))
            records.record(accepted, others)

    def renew(self, rate_per_s: float) -> bool:
        return leases.renew(self.grip, clock.now(), rate_per_s=rate_per_s)

    def next_due_at(self) -> datetime | None:
        return queries.next_due_at(self.number.pk)

    def has_new_token(self) -> bool:
        """Whether somebody renewed the token since this run began: the next one sends with the new one. One query."""
        return sending_secrets(self.number) != (self.access_token, self.app_secret)

    def note_refused_token(self, code: int) -> None:
        """Tells the room of the accounts that Meta refused this token, so that people see why nothing moves."""
        accounts.note_refused_token(
            actor=effects.ACTOR,
            workspace=self.number.workspace,
            credentials_id=self.number.account.credentials_id,
            access_token=self.access_token,
            code=code,
        )

    def close(self, rate_per_s: float, tokens: float, rest_s: float = 0.0, reason: str = "") -> bool:
        """Gives the lease back, noting a rest that Meta wants; True when a claim would find more now."""
        now = clock.now()
        if rest_s:
            leases.rest(self.grip, now + timedelta(seconds=rest_s), reason)
        leases.release(self.grip, now, rate_per_s=rate_per_s, tokens=tokens)
        return claims.has_claimable(number=self.number, now=now)
