"""Accounts and their senders, read anew at Meta, judged as accounts' channel check judges them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from channels_app.accounts import words as accounts
from channels_app.accounts.channel_inspection import judge_account, judge_number, standing_status
from channels_app.accounts.channel_words import META_LIFTS
from channels_app.accounts.inspection import Findings, says_nothing
from channels_app.accounts.models import PhoneNumber, Portfolio
from channels_app.cloud_api.errors import GraphError
from channels_app.cloud_api.results import Json, Number
from channels_app.doctor.case import Case
from channels_app.doctor.registry import (
    Group,
    Scope,
    Turn,
    Verdict,
    check,
    failed,
    passed,
    untold,
    warning,
)
from channels_app.doctor.states import FAILED, WARNING

HEADROOM_WARNING = 0.8
USED_IS_FRESH = timedelta(hours=24)
META_REVIEWS = ("PENDING", "DEFERRED")


@check("account_connected", group=Group.SENDERS, scope=Scope.CREDENTIALS, fix="senders")
def account_connected(case: Case) -> Verdict:
    count = case.credentials.accounts.count()
    return passed(count=count) if count else warning("none")


@check("sender_chosen", group=Group.SENDERS, scope=Scope.WORKSPACE, fix="accounts", needs=("credentials",))
def sender_chosen(case: Case) -> Verdict:
    count = PhoneNumber.objects.filter(workspace=case.workspace, is_sender=True).count()
    return passed(count=count) if count else warning("none")


# --- an account --------------------------------------------------------------------------------------------------
@check("account_visible", group=Group.SENDERS, scope=Scope.ACCOUNT, fix="senders", needs=("token_valid",))
def account_visible(case: Case) -> Verdict:
    try:
        waba = case.client.waba(case.account.waba_id)
    except GraphError as error:
        if says_nothing(error):
            raise
        return Verdict(FAILED, {"code": error.code, "subcode": error.subcode, "details": error.details[:200]})
    return passed(id=waba.id, name=waba.name)


def _account_finding(case: Case, code: str) -> Verdict:
    findings = Findings()
    judge_account(findings, case.client.waba(case.account.waba_id))
    return _finding(findings, code)


def _finding(findings: Findings, code: str) -> Verdict:
    found = next((row for row in findings.checks if row["code"] == code), None)
    return Verdict(found["status"], dict(found["facts"])) if found else untold()


@check("account_reviewed", group=Group.SENDERS, scope=Scope.ACCOUNT, fix="senders", needs=("account_visible",))
def account_reviewed(case: Case) -> Verdict:
    verdict = _account_finding(case, "account_reviewed")
    turn = Turn.META if verdict.facts.get("review_status") in META_REVIEWS else ""
    return Verdict(verdict.status, verdict.facts, turn)


@check("payment_method", group=Group.SENDERS, scope=Scope.ACCOUNT, fix="billing", needs=("account_visible",))
def payment_method(case: Case) -> Verdict:
    return _account_finding(case, "payment_method")


@check("account_standing", group=Group.SENDERS, scope=Scope.ACCOUNT, fix="senders")
def account_standing(case: Case) -> Verdict:
    """What Meta told by webhook: violations, restrictions, a ban."""
    standing = case.account.standing
    facts = {"standing": standing, "kept": case.account.standing_facts} if standing else {}
    return Verdict(standing_status(standing), facts)


@check("account_health", group=Group.SENDERS, scope=Scope.ACCOUNT, fix="senders", needs=("account_visible",))
def account_health(case: Case) -> Verdict:
    return _judge_health(case.client.waba(case.account.waba_id).facts)


def _judge_health(facts: Json) -> Verdict:
    """Meta's own judgment with its reasons, entity by entity (reference 1.4)."""
    health = facts.get("health_status")
    word = str(health.get("can_send_message") or "") if isinstance(health, dict) else ""
    if not word:
        return untold()
    found: dict[str, Any] = {"word": word, "told": _reasons(health)}
    if word == "AVAILABLE":
        return passed(**found)
    return failed("blocked", **found) if word == "BLOCKED" else warning("limited", **found)


def _reasons(health: Any) -> list[str]:
    reasons: list[str] = []
    for entity in health.get("entities") or []:
        if not isinstance(entity, dict) or entity.get("can_send_message") == "AVAILABLE":
            continue
        said = [str(text) for text in entity.get("additional_info") or []]
        for error in entity.get("errors") or []:
            if isinstance(error, dict):
                parts = (error.get("error_description"), error.get("possible_solution"))
                said.append(" ".join(str(part) for part in parts if part))
        reasons += [f"{entity.get('entity_type', '?')}: {text}"[:300] for text in said]
    return reasons[:5]


@check("limit_headroom", group=Group.SENDERS, scope=Scope.ACCOUNT, turn=Turn.META, fix="senders")
def limit_headroom(case: Case) -> Verdict:
    """How much of the portfolio's messaging limit the last 24 hours used, as the hourly count says."""
    portfolio = Portfolio.objects.filter(workspace=case.workspace, portfolio_id=case.account.portfolio_id).first()
    if portfolio is None or portfolio.used_count is None or portfolio.used_at is None:
        return untold()
    tier, used = portfolio.messaging_limit, portfolio.used_count
    limit = accounts.LIMITS.get(tier)
    facts: dict[str, Any] = {
        "used": used,
        "tier": tier,
        "limit": limit,
        "counted_at": portfolio.used_at.isoformat(),
    }
    if portfolio.used_at < case.now - USED_IS_FRESH or (limit is None and tier != "TIER_UNLIMITED"):
        return untold()
    if limit is None or used < HEADROOM_WARNING * limit:
        return passed(**facts)
    return warning("nearly_full" if used < limit else "full", **facts)


# --- a sender ----------------------------------------------------------------------------------------------------
def _if_used(case: Case, verdict: Verdict) -> Verdict:
    """Nothing goes out with a number that no channel configuration uses: what fails there is only a warning."""
    if verdict.status != FAILED or getattr(case.number, "is_used", True):
        return verdict
    return replace(verdict, status=WARNING, facts={**verdict.facts, "is_unused": True})


def _number(case: Case) -> Number:
    number = case.ear.number(case.account.waba_id, case.number.phone_number_id)
    assert number is not None  # number_visible is needed by all that ask this
    return number


@check("number_visible", group=Group.SENDERS, scope=Scope.NUMBER, fix="senders", needs=("account_visible",))
def number_visible(case: Case) -> Verdict:
    number = case.ear.number(case.account.waba_id, case.number.phone_number_id)
    facts = {"id": case.number.phone_number_id}
    return passed(**facts) if number is not None else Verdict(FAILED, facts)


@check("number_connected", group=Group.SENDERS, scope=Scope.NUMBER, fix="number", needs=("number_visible",))
def number_connected(case: Case) -> Verdict:
    verdict = _number_finding(case, "number_connected")
    turn = Turn.META if verdict.facts.get("status") in META_LIFTS else ""
    return _if_used(case, Verdict(verdict.status, verdict.facts, turn))


@check("name_approved", group=Group.SENDERS, scope=Scope.NUMBER, fix="number", needs=("number_visible",))
def name_approved(case: Case) -> Verdict:
    verdict = _number_finding(case, "name_approved")
    turn = Turn.META if verdict.status == WARNING else ""
    return _if_used(case, Verdict(verdict.status, verdict.facts, turn))


def _number_finding(case: Case, code: str) -> Verdict:
    findings = Findings()
    judge_number(findings, _number(case))
    return _finding(findings, code)


@check("number_pin", group=Group.SENDERS, scope=Scope.NUMBER, fix="number", needs=("number_connected",))
def number_pin(case: Case) -> Verdict:
    is_on = _number(case).facts.get("is_pin_enabled")
    if not isinstance(is_on, bool):
        return untold()
    return passed() if is_on else warning("off")


@check("number_quality", group=Group.SENDERS, scope=Scope.NUMBER, fix="number", needs=("number_visible",))
def number_quality(case: Case) -> Verdict:
    rating = _number(case).quality_rating
    if rating == "RED":
        return warning("low", rating=rating)
    return warning("medium", rating=rating) if rating == "YELLOW" else passed(rating=rating or "UNKNOWN")


@check("number_throughput", group=Group.SENDERS, scope=Scope.NUMBER, fix="number", needs=("number_connected",))
def number_throughput(case: Case) -> Verdict:
    level = _number(case).throughput_level
    speed = accounts.SPEEDS.get(level)
    return passed(level=level, speed=speed) if speed else warning("unknown", level=level, turn=Turn.META)


@check("number_mode", group=Group.SENDERS, scope=Scope.NUMBER, fix="number", needs=("number_visible",))
def number_mode(case: Case) -> Verdict:
    mode = _number(case).account_mode
    return warning("sandbox", mode=mode) if mode == "SANDBOX" else passed(mode=mode)


@check("number_health", group=Group.SENDERS, scope=Scope.NUMBER, fix="number", needs=("number_connected",))
def number_health(case: Case) -> Verdict:
    return _if_used(case, _judge_health(_number(case).facts))
