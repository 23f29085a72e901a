"""What every inspection of Meta's answers shares: findings, the token and its expiry. Reads only; actions store.

A check is {"code", "status": passed | warning | failed, "facts"}; `words.describe` says it in a sentence with its fix.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, GraphError, PermissionMissing, Throttled, TokenRefused
from channels_app.cloud_api.results import Number, TokenInfo, Waba

Check = dict[str, Any]
PERMISSIONS = ("whatsapp_business_messaging", "whatsapp_business_management")
EXPIRY_WARNING = timedelta(days=14)
DEAD_TOKEN_CODES = frozenset({0, 190})  # the token itself was refused; other refusals are about what it may do
PASSING_CODES = frozenset({1, 2})  # Meta's own trouble: nothing is said about what was asked
DOCUMENTATION = "Please read the Graph API documentation"  # the end of many of Meta's texts, of no use here
OTHER_APP = "did not match the viewing app"  # of Meta's answer (code 100) to a token of another app


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

    def add_unanswered(self, error: CloudApiError) -> None:
        """Notes, once, that Meta could not be asked about everything."""
        if not self.unanswered:
            self.add("meta_reachable", "failed", **error_facts(error))

    @property
    def has_failed(self) -> bool:
        return any(check["status"] == "failed" for check in self.checks)

    @property
    def is_token_dead(self) -> bool:
        """Whether Meta said in so many words that the token is none any more."""
        token = self.token
        if token is None or token.is_valid or OTHER_APP in token.error_message.lower():
            return False
        return token.error_code in DEAD_TOKEN_CODES

    @property
    def unanswered(self) -> dict[str, Any]:
        """Why Meta gave no answer about something; empty when it answered all that was asked."""
        checks = [check["facts"] for check in self.checks if check["code"] == "meta_reachable"]
        return checks[0] if checks else {}


def error_facts(error: CloudApiError) -> dict[str, Any]:
    """What is kept of an error: codes, class and Meta's English text; never a token."""
    return {
        "kind": type(error).__name__,
        "code": error.code,
        "subcode": error.subcode,
        "details": error.details.partition(DOCUMENTATION)[0].strip()[:300],
    }


def says_nothing(error: CloudApiError) -> bool:
    """Whether an error is no answer to what was asked: no connection, a timeout, a broken server, too many calls."""
    if not isinstance(error, GraphError):
        return True
    if isinstance(error, TokenRefused | PermissionMissing):
        return False
    is_broken = error.http_status is not None and error.http_status >= 500
    return is_broken or isinstance(error, Throttled) or error.code in PASSING_CODES


def read_token(client: ManagementClient, credentials: ApiCredentials, findings: Findings) -> TokenInfo | None:
    """What Meta says of the token, with the checks of app, secret and validity; None without a usable answer."""
    try:
        token = client.debug_token(credentials.app_id)
    except CloudApiError as error:
        if says_nothing(error):
            findings.add_unanswered(error)
        elif OTHER_APP in error.details.lower():
            findings.add("app_secret", "passed")
            findings.add("app_matches", "failed", expected=credentials.app_id, **error_facts(error))
        else:
            findings.add("app_secret", "failed", **error_facts(error))
        return None
    findings.token = token
    findings.add("app_secret", "passed")
    if not token.is_valid and OTHER_APP in token.error_message.lower():
        details = {"code": token.error_code, "details": token.error_message}
        findings.add("app_matches", "failed", expected=credentials.app_id, actual=token.app_id, **details)
        return token
    findings.judge(
        "token_valid",
        token.is_valid,
        code=token.error_code,
        subcode=token.error_subcode,
        details=token.error_message,
    )
    return token


def judge_expiry(findings: Findings, expires_at: datetime | None, now: datetime) -> None:
    if expires_at is None:
        findings.add("token_expiry", "passed")
        return
    status = "failed" if expires_at <= now else "warning" if expires_at <= now + EXPIRY_WARNING else "passed"
    findings.add("token_expiry", status, expires_at=expires_at.isoformat(), days=max(0, (expires_at - now).days))
