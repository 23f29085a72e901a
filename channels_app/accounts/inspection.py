"""Asks Meta about credentials and senders, and judges the answers. Reads only; the results are stored by actions.

A check is {"code", "status": passed | warning | failed, "facts"}; `words.describe` says it in a sentence with its fix.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels_app.accounts.models import ApiCredentials, ChannelConfiguration
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, GraphError
from channels_app.cloud_api.results import Number, TokenInfo, Waba

Check = dict[str, Any]
PERMISSIONS = ("whatsapp_business_messaging", "whatsapp_business_management")
NAMES_GOOD = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")
NAMES_WAITING = ("PENDING_REVIEW", "NONE", "")
EXPIRY_WARNING = timedelta(days=14)
MAX_WABAS = 25


@dataclass
class Findings:
    """What an inspection found; `token`, `number` and `waba` are None where Meta did not answer."""

    checks: list[Check] = field(default_factory=list)
    token: TokenInfo | None = None
    number: Number | None = None
    waba: Waba | None = None

    def add(self, code: str, status: str, /, **facts: Any) -> None:
        self.checks.append({"code": code, "status": status, "facts": facts})

    def judge(self, code: str, is_good: bool, /, **facts: Any) -> None:
        self.add(code, "passed" if is_good else "failed", **facts)

    @property
    def has_failed(self) -> bool:
        return any(check["status"] == "failed" for check in self.checks)

    @property
    def is_token_dead(self) -> bool:
        return any(check["code"] == "token_valid" and check["status"] == "failed" for check in self.checks)


def error_facts(error: CloudApiError) -> dict[str, Any]:
    """What is kept of an error: codes, class and Meta's English text; never a token."""
    return {
        "kind": type(error).__name__,
        "code": error.code,
        "subcode": error.subcode,
        "details": error.details[:200],
    }


def inspect_credentials(client: ManagementClient, credentials: ApiCredentials, now: datetime) -> Findings:
    """All checks of credentials; 1 call to debug_token and 1 per WABA it names."""
    findings = Findings()
    token = _token(client, credentials, findings)
    if token is None or not token.is_valid:
        return findings
    _judge_token(findings, token, credentials, now)
    _judge_wabas(client, findings, token.waba_ids[:MAX_WABAS])
    return findings


def _token(client: ManagementClient, credentials: ApiCredentials, findings: Findings) -> TokenInfo | None:
    try:
        token = client.debug_token(credentials.app_id)
    except GraphError as error:
        findings.add("app_secret", "failed", **error_facts(error))
        return None
    except CloudApiError as error:
        findings.add("meta_reachable", "failed", **error_facts(error))
        return None
    findings.token = token
    findings.add("app_secret", "passed")
    findings.judge("token_valid", token.is_valid, code=token.error_code, subcode=token.error_subcode)
    return token


def _judge_token(findings: Findings, token: TokenInfo, credentials: ApiCredentials, now: datetime) -> None:
    findings.judge("app_matches", token.app_id == credentials.app_id, expected=credentials.app_id, actual=token.app_id)
    findings.add("token_type", "passed" if token.type == "SYSTEM_USER" else "warning", type=token.type)
    _judge_expiry(findings, token.expires_at, now)
    for permission in PERMISSIONS:
        findings.judge("permission", permission in token.scopes, permission=permission)


def _judge_expiry(findings: Findings, expires_at: datetime | None, now: datetime) -> None:
    if expires_at is None:
        findings.add("token_expiry", "passed")
        return
    status = "failed" if expires_at <= now else "warning" if expires_at <= now + EXPIRY_WARNING else "passed"
    findings.add("token_expiry", status, expires_at=expires_at.isoformat(), days=max(0, (expires_at - now).days))


def _judge_wabas(client: ManagementClient, findings: Findings, waba_ids: Iterable[str]) -> None:
    visible, hidden = [], []
    proof_error: CloudApiError | None = None
    for waba_id in waba_ids:
        try:
            client.waba(waba_id)
            visible.append(waba_id)
        except CloudApiError as error:
            hidden.append(waba_id)
            if "appsecret_proof" in error.details:
                proof_error = error
    if visible or proof_error:
        findings.judge("secret_proof", proof_error is None, **(error_facts(proof_error) if proof_error else {}))
    status = "failed" if hidden else "passed" if visible else "warning"
    findings.add("accounts_visible", status, visible=visible, hidden=hidden)


def inspect_channel(client: ManagementClient, channel: ChannelConfiguration, now: datetime) -> Findings:
    """All checks of a channel configuration, asked anew at Meta; 4 calls."""
    number, account = channel.phone_number, channel.phone_number.account
    findings = Findings()
    token = _token(client, account.credentials, findings)
    if token is None or not token.is_valid:
        return findings
    _judge_expiry(findings, token.expires_at, now)
    findings.judge("permission", PERMISSIONS[0] in token.scopes, permission=PERMISSIONS[0])
    try:
        findings.number = client.number(number.phone_number_id)
        _judge_number(findings, findings.number)
    except CloudApiError as error:
        findings.add("number_visible", "failed", **error_facts(error))
    try:
        findings.waba = client.waba(account.waba_id)
        _judge_account(findings, findings.waba)
        app_ids = [app.app_id for app in client.subscribed_apps(account.waba_id)]
        findings.judge("webhook_subscribed", account.credentials.app_id in app_ids)
    except CloudApiError as error:
        findings.add("account_visible", "failed", **error_facts(error))
    findings.judge("webhook_verified", account.credentials.webhook_verified_at is not None)
    return findings


def _judge_number(findings: Findings, number: Number) -> None:
    findings.judge("number_connected", number.status == "CONNECTED", status=number.status)
    good = "passed" if number.name_status in NAMES_GOOD else "failed"
    status = "warning" if number.name_status in NAMES_WAITING else good
    findings.add("name_approved", status, name_status=number.name_status, name=number.verified_name)


def _judge_account(findings: Findings, waba: Waba) -> None:
    findings.judge("account_reviewed", waba.review_status == "APPROVED", review_status=waba.review_status)
    if waba.facts.get("primary_funding_id"):
        findings.add("payment_method", "passed")
    else:
        findings.add("payment_method", "warning")
