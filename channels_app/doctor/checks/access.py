"""API credentials: token, app and permissions, as accounts' own inspection judges them, asked now."""

from collections.abc import Callable
from typing import Any

from channels_app.accounts.models import ApiCredentials
from channels_app.doctor.case import Case
from channels_app.doctor.registry import (
    Found,
    Group,
    Scope,
    Turn,
    Verdict,
    because,
    check,
    failed,
    passed,
    untold,
    warning,
)
from channels_app.doctor.states import FAILED, PASSED

DEBUG_CALL = "/debug_token"
# Their evidence is the reading of accounts and portfolio, not of the token.
OF_ACCOUNTS = ("secret_proof", "accounts_visible", "portfolio_readable", "account_owner")
CLOCK_WARNING_S = 60


@check("credentials", group=Group.ACCESS, scope=Scope.WORKSPACE, fix="add_credentials", needs=("database",))
def credentials(case: Case) -> Verdict:
    count = ApiCredentials.objects.filter(workspace=case.workspace).count()
    return passed(count=count) if count else warning("none")


@check(
    "clock",
    group=Group.INSTALLATION,
    scope=Scope.WORKSPACE,
    turn=Turn.OPERATOR,
    needs=("credentials",),
)
def clock(case: Case) -> Verdict:
    """Against the Date of Meta's answers: tokens, webhooks and quiet hours all live by it."""
    offsets = [ear.client.clock_offset_s for ear in case.ears.values() if ear.client is not None]
    told = [offset for offset in offsets if offset is not None]
    if not told:
        return untold()
    offset_s = min(told, key=abs)
    facts: dict[str, Any] = {"offset_s": round(offset_s, 1)}
    return warning("off", **facts) if abs(offset_s) > CLOCK_WARNING_S else passed(**facts)


@check("secrets_readable", group=Group.ACCESS, scope=Scope.CREDENTIALS, turn=Turn.OPERATOR)
def secrets_readable(case: Case) -> Verdict:
    return passed() if case.ear.client is not None else failed("keys")


@check("meta_reachable", group=Group.ACCESS, scope=Scope.CREDENTIALS, turn=Turn.OPERATOR, needs=("secrets_readable",))
def meta_reachable(case: Case) -> Verdict:
    """Any answer of Meta's will do, a refusal too: then the line is good."""
    facts = case.ear.findings.unanswered
    return Verdict(FAILED, dict(facts)) if facts else Verdict(PASSED)


def inspected(*codes: str) -> Callable[[Case], Found]:
    """The verdicts that accounts' inspection gives under these codes; it asks Meta once for all of them."""

    def judge(case: Case) -> Found:
        checks = case.ear.findings.checks
        found = [row for row in checks if row["code"] in codes]
        if not found:
            roots = [row["code"] for row in checks if row["status"] == FAILED]
            return because(roots[0]) if roots else untold()
        is_of_token = codes[0] not in OF_ACCOUNTS
        calls = [note for note in case.client.notes if note.asked.endswith(DEBUG_CALL) == is_of_token]
        return [
            Verdict(
                row["status"],
                dict(row["facts"]),
                variant=str(row["facts"].get("permission") or row["facts"].get("account") or ""),
                calls=calls,
                words=row["code"],
            )
            for row in found
        ]

    return judge


for _code, *_others in (
    ("app_secret",),
    ("app_matches",),
    ("token_valid",),
    ("token_type",),
    ("token_expiry",),
    ("permission",),
    ("secret_proof",),
    ("accounts_visible",),
    ("portfolio_readable", "portfolio_is_account", "portfolio_is_app", "portfolio_is_number"),
    ("account_owner", "account_shared"),
):
    declare = check(_code, group=Group.ACCESS, scope=Scope.CREDENTIALS, fix="access", needs=("secrets_readable",))
    declare(inspected(_code, *_others))


@check("token_rotation", group=Group.ACCESS, scope=Scope.CREDENTIALS, fix="access")
def token_rotation(case: Case) -> Verdict:
    """A renewed token that did not pass: the old one still serves, for as long as it lives."""
    rotation = case.credentials.rotation
    return warning("not_accepted", rotation=rotation) if rotation == "failed" else passed(rotation=rotation)
