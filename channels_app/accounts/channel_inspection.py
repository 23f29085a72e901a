"""Asks Meta about a channel configuration and judges the answers. Reads only; the results are stored by actions."""

from datetime import datetime

from channels_app.accounts.inspection import PERMISSIONS, Findings, error_facts, judge_expiry, read_token
from channels_app.accounts.models import ChannelConfiguration
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError
from channels_app.cloud_api.results import Number, Waba

NAMES_GOOD = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")
NAMES_WAITING = ("PENDING_REVIEW", "NONE", "")


def inspect_channel(client: ManagementClient, channel: ChannelConfiguration, now: datetime) -> Findings:
    """All checks of a channel configuration, asked anew at Meta; 4 calls."""
    number, account = channel.phone_number, channel.phone_number.account
    findings = Findings()
    token = read_token(client, account.credentials, findings)
    if token is None or not token.is_valid:
        return findings
    judge_expiry(findings, token.expires_at, now)
    findings.judge("permission", PERMISSIONS[0] in token.scopes, permission=PERMISSIONS[0])
    try:
        findings.number = client.number(number.phone_number_id)
        judge_number(findings, findings.number)
    except CloudApiError as error:
        findings.add("number_visible", "failed", **error_facts(error))
    try:
        findings.waba = client.waba(account.waba_id)
        judge_account(findings, findings.waba)
        app_ids = [app.app_id for app in client.subscribed_apps(account.waba_id)]
        findings.judge("webhook_subscribed", account.credentials.app_id in app_ids)
    except CloudApiError as error:
        findings.add("account_visible", "failed", **error_facts(error))
    findings.judge("webhook_verified", account.credentials.webhook_verified_at is not None)
    return findings


def judge_number(findings: Findings, number: Number) -> None:
    """What Meta's number node says of whether it can send; the setup doctor asks the same."""
    findings.judge("number_connected", number.status == "CONNECTED", status=number.status)
    good = "passed" if number.name_status in NAMES_GOOD else "failed"
    status = "warning" if number.name_status in NAMES_WAITING else good
    findings.add("name_approved", status, name_status=number.name_status, name=number.verified_name)


def judge_account(findings: Findings, waba: Waba) -> None:
    """What Meta's account node says of review and payment; the setup doctor asks the same."""
    findings.judge("account_reviewed", waba.review_status == "APPROVED", review_status=waba.review_status)
    if waba.facts.get("primary_funding_id"):
        findings.add("payment_method", "passed")
    else:
        findings.add("payment_method", "warning")
