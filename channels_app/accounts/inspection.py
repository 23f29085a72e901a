"""What every inspection of Meta's answers shares: findings, the token and its expiry. Reads only; actions store.

A check is {"code", "status": passed | warning | failed, "facts"}; `words.describe` says it in a sentence with its fix.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, GraphError
from channels_app.cloud_api.results import Number, TokenInfo, Waba

Check = dict[str, Any]
PERMISSIONS = ("whatsapp_business_messaging", "whatsapp_business_management")
EXPIRY_WARNING = timedelta(days=14)


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


def read_token(client: ManagementClient, credentials: ApiCredentials, findings: Findings) -> TokenInfo | None:
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


def judge_expiry(findings: Findings, expires_at: datetime | None, now: datetime) -> None:
    if expires_at is None:
        findings.add("token_expiry", "passed")
        return
    status = "failed" if expires_at <= now else "warning" if expires_at <= now + EXPIRY_WARNING else "passed"
    findings.add("token_expiry", status, expires_at=expires_at.isoformat(), days=max(0, (expires_at - now).days))
