"""Asks Meta about API credentials and judges the answers. Reads only; the results are stored by actions."""

from collections.abc import Iterable
from datetime import datetime

from channels_app.accounts.inspection import PERMISSIONS, Findings, error_facts, judge_expiry, read_token
from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError
from channels_app.cloud_api.results import TokenInfo

MAX_WABAS = 25


def inspect_credentials(client: ManagementClient, credentials: ApiCredentials, now: datetime) -> Findings:
    """All checks of credentials; 1 call to debug_token and 1 per WABA it names."""
    findings = Findings()
    token = read_token(client, credentials, findings)
    if token is None or not token.is_valid:
        return findings
    _judge_token(findings, token, credentials, now)
    _judge_wabas(client, findings, token.waba_ids[:MAX_WABAS])
    return findings


def _judge_token(findings: Findings, token: TokenInfo, credentials: ApiCredentials, now: datetime) -> None:
    findings.judge("app_matches", token.app_id == credentials.app_id, expected=credentials.app_id, actual=token.app_id)
    findings.add("token_type", "passed" if token.type == "SYSTEM_USER" else "warning", type=token.type)
    judge_expiry(findings, token.expires_at, now)
    for permission in PERMISSIONS:
        findings.judge("permission", permission in token.scopes, permission=permission)


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
