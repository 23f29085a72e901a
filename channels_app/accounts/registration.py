"""From nothing to a connected number: add it, ask for a code, verify it, register it with a PIN; and back again.

Meta is always asked with no transaction open. A PIN is passed on and forgotten: it is in no row, entry or log. Codes
are kept as little. Each call of the ladder is an attempt, accepted or not: Meta allows ten of some of them in 72 hours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from channels_app.accounts.clients import management_client
from channels_app.accounts.fact_changes import note_changes
from channels_app.accounts.models import FactChange, PhoneNumber, RegistrationAttempt, WhatsAppAccount
from channels_app.accounts.readings import keep_number, keep_numbers
from channels_app.accounts.refusals import refused_by_meta, sentence_of
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, GraphError
from channels_app.cloud_api.results import Number
from console.kit import clock, wording
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

Step = RegistrationAttempt.Step
PERSON = FactChange.Source.PERSON
ATTEMPTS_ALLOWED = 10
ATTEMPTS_WINDOW = timedelta(hours=72)
COUNTED = (Step.REGISTER, Step.DEREGISTER)
LOCKED_OUT = 133016
CODE_LASTS = timedelta(minutes=10)
REGISTERED = frozenset({"CONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED"})
CLOSED = frozenset({"BANNED", "MIGRATED", "DELETED"})
Call = Callable[[ManagementClient], None]


@dataclass(frozen=True)
class Budget:
    """The register and deregister calls of the last 72 hours, and until when Meta refuses more."""

    used: int
    locked_until: datetime | None = None

    @property
    def left(self) -> int:
        return max(0, ATTEMPTS_ALLOWED - self.used)


def budget_of(attempts: Sequence[RegistrationAttempt], now: datetime) -> Budget:
    """Of a number's attempts, newest first. No queries."""
    counted = [row for row in attempts if row.step in COUNTED and row.at > now - ATTEMPTS_WINDOW]
    refused = next((row for row in counted if row.code == LOCKED_OUT), None)
    if refused:
        return Budget(len(counted), refused.at + ATTEMPTS_WINDOW)
    is_used_up = len(counted) >= ATTEMPTS_ALLOWED
    return Budget(len(counted), counted[ATTEMPTS_ALLOWED - 1].at + ATTEMPTS_WINDOW if is_used_up else None)


def stage_of(number: PhoneNumber, attempts: Sequence[RegistrationAttempt], now: datetime) -> str:
    """Where a number stands: request_code, verify_code, register, registered, or closed (nothing can be done here)."""
    if number.status in REGISTERED:
        return "registered"
    if number.status in CLOSED:
        return "closed"
    if number.code_verification_status == "VERIFIED":
        return "register"
    asked = next((row for row in attempts if row.step == Step.REQUEST_CODE and row.is_accepted), None)
    return "verify_code" if asked and asked.at > now - CODE_LASTS else "request_code"


def recent_attempts(number: PhoneNumber, how_many: int = 30) -> list[RegistrationAttempt]:
    """The last calls of a number's ladder, and all that count against Meta's limit, newest first. One query."""
    rows = number.registration_attempts.select_related("by").order_by("-at", "-id")
    newest = rows.order_by("-at", "-id").values("pk")[:how_many]
    counts = Q(step__in=COUNTED, at__gt=clock.now() - ATTEMPTS_WINDOW)
    return list(rows.filter(counts | Q(pk__in=newest)))


def add_number(
    *, actor: Actor, workspace: Workspace, account: WhatsAppAccount, country_code: str, number: str, verified_name: str
) -> PhoneNumber:
    """Adds a phone number to an account at Meta and here; it still has to be verified and registered.

    Raises Refused with Meta's reason.
    """
    with management_client(account.credentials) as client:
        try:
            new_id = client.add_number(
                account.waba_id, country_code=country_code, number=number, verified_name=verified_name
            )
        except CloudApiError as error:
            raise _refused(error) from error
        told = _read(client, new_id) or Number(
            new_id,
            display_number=f"+{country_code} {number}",
            verified_name=verified_name,
            status="PENDING",
            code_verification_status="NOT_VERIFIED",
        )
    with transaction.atomic():
        row = keep_numbers(account, [told], read_at=clock.now())[0]
        audit.record(actor, workspace, "accounts.add_number", row, {"account": account.waba_id})
    return row


def request_code(*, actor: Actor, workspace: Workspace, number: PhoneNumber, method: str, language: str) -> None:
    """Has Meta send or speak a code to the number. Raises Refused with Meta's reason."""

    def call(client: ManagementClient) -> None:
        client.request_code(number.phone_number_id, method=method, language=language)

    _climb(actor, workspace, number, Step.REQUEST_CODE, call, {"method": method})


@sensitive_variables("code")
def verify_code(*, actor: Actor, workspace: Workspace, number: PhoneNumber, code: str) -> None:
    """Proves with the code that the number is ours. Raises Refused with Meta's reason."""

    def call(client: ManagementClient) -> None:
        client.verify_code(number.phone_number_id, code=code)

    _climb(actor, workspace, number, Step.VERIFY_CODE, call, code_verification_status="VERIFIED")


@sensitive_variables("pin")
def register(*, actor: Actor, workspace: Workspace, number: PhoneNumber, pin: str, region: str = "") -> None:
    """Registers the number with the Cloud API. Raises Refused: no attempts left, or Meta's reason."""
    _check_budget(number)

    def call(client: ManagementClient) -> None:
        client.register(number.phone_number_id, pin=pin, data_localization_region=region)

    facts = {"region": region} if region else {}
    _climb(actor, workspace, number, Step.REGISTER, call, facts, status="CONNECTED", is_pin_enabled=True)


def deregister(*, actor: Actor, workspace: Workspace, number: PhoneNumber) -> None:
    """Takes the number off the Cloud API: nothing is sent from it any more. Raises Refused as register does."""
    _check_budget(number)

    def call(client: ManagementClient) -> None:
        client.deregister(number.phone_number_id)

    _climb(actor, workspace, number, Step.DEREGISTER, call, status="DISCONNECTED")


@sensitive_variables("pin")
def set_pin(*, actor: Actor, workspace: Workspace, number: PhoneNumber, pin: str) -> None:
    """Changes the two-step PIN. Raises Refused with Meta's reason."""

    def call(client: ManagementClient) -> None:
        client.set_pin(number.phone_number_id, pin=pin)

    _climb(actor, workspace, number, Step.SET_PIN, call, is_pin_enabled=True)


def _check_budget(number: PhoneNumber) -> None:
    budget = budget_of(recent_attempts(number), clock.now())
    if budget.left or budget.locked_until is None:
        return
    until = wording.when(budget.locked_until, in_sentence=True)
    raise Refused(
        "accounts.registration_used_up",
        _(
            "All ten attempts that Meta allows in 72 hours are used. One more would lock the number for another "
            "72 hours. Try again after %(until)s."
        )
        % {"until": until},
    )


def _climb(
    actor: Actor,
    workspace: Workspace,
    number: PhoneNumber,
    step: Step,
    call: Call,
    facts: dict[str, str] | None = None,
    **expected: object,
) -> None:
    """One call of the ladder: counted whether Meta takes it or not, then the number as Meta describes it now."""
    asked_at = clock.now()
    with management_client(number.account.credentials) as client:
        try:
            call(client)
        except CloudApiError as error:
            _count(actor, workspace, number, step, asked_at, error)
            raise _refused(error) from error
        told = _read(client, number.phone_number_id)
    with transaction.atomic():
        _attempt(actor, workspace, number, step, asked_at, None)
        if told:
            keep_number(number, told, read_at=asked_at, source=PERSON)
        else:
            note_changes(number, expected, source=PERSON, at=asked_at)
        audit.record(actor, workspace, f"accounts.{step}", number, facts)


def _count(
    actor: Actor, workspace: Workspace, number: PhoneNumber, step: Step, at: datetime, error: CloudApiError
) -> None:
    with transaction.atomic():
        _attempt(actor, workspace, number, step, at, error)
        audit.record(actor, workspace, f"accounts.{step}", number, {"refused": error.code})


def _attempt(
    actor: Actor, workspace: Workspace, number: PhoneNumber, step: Step, at: datetime, error: CloudApiError | None
) -> None:
    RegistrationAttempt.objects.create(
        workspace=workspace,
        phone_number=number,
        step=step,
        is_accepted=error is None,
        code=error.code if error else None,
        at=at,
        by=actor.user,
    )


def _read(client: ManagementClient, phone_number_id: str) -> Number | None:
    """The number as it is after the call; None when Meta does not answer: the next reading brings it."""
    try:
        return client.number(phone_number_id)
    except CloudApiError:
        return None


def _refused(error: CloudApiError) -> Refused:
    """The sentence of the code, and Meta's own words beside it: they name waiting times."""
    if not isinstance(error, GraphError) or not error.details:
        return refused_by_meta(error)
    sentence = _("%(sentence)s Meta says: “%(details)s”") % {"sentence": sentence_of(error), "details": error.details}
    return refused_by_meta(error, sentence=sentence)
