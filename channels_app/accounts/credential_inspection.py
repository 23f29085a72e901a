"""Asks Meta about API credentials and judges the answers. Reads only; the results are stored by actions."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels_app.accounts.inspection import (
    PERMISSIONS,
    Findings,
    error_facts,
    judge_expiry,
    read_token,
    says_nothing,
)
from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, GraphError, PermissionMissing
from channels_app.cloud_api.results import BusinessPortfolio, TokenInfo, Waba

MAX_WABAS = 25
PORTFOLIO_PERMISSION = "business_management"

# What a renewed token must pass before it may serve. The rest is not about the token: it is shown and blocks nothing.
SERVING_CODES = frozenset(
    {
        "meta_reachable",
        "app_secret",
        "app_matches",
        "token_valid",
        "token_expiry",
        "permission",
        "secret_proof",
        "accounts_visible",
    }
)


@dataclass
class Sight:
    """The accounts a token was found to see, and what kept the others from being read."""

    wabas: dict[str, Waba] = field(default_factory=dict)
    shared_ids: set[str] = field(default_factory=set)
    hidden: dict[str, CloudApiError] = field(default_factory=dict)
    portfolio: BusinessPortfolio | None = None
    lists_read: bool = False

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is kept of each account for choosing among them."""
        return [
            {
                "id": waba.id,
                "name": waba.name,
                "currency": waba.currency,
                "country": str(waba.facts.get("country") or "")[:2],
                "review_status": waba.review_status,
                "portfolio_id": waba.portfolio_id,
                "portfolio_name": waba.portfolio_name,
                "is_shared": waba.id in self.shared_ids,
            }
            for waba in self.wabas.values()
        ]


def inspect_credentials(
    client: ManagementClient, credentials: ApiCredentials, now: datetime, *, connected_ids: Collection[str] = ()
) -> tuple[Findings, Sight]:
    """All checks of credentials; `connected_ids` are accounts that must stay visible.

    One call to debug_token, three for the portfolio where one is given, one for each account no list has shown.
    """
    findings, sight = Findings(), Sight()
    token = read_token(client, credentials, findings)
    if token is None or not token.is_valid:
        return findings, sight
    _judge_token(findings, token, credentials, now)
    portfolio_error = _read_portfolio(client, credentials.portfolio_id, sight)
    wanted = [*connected_ids, *(waba_id for waba_id in token.waba_ids if waba_id not in sight.wabas)]
    _read_wabas(client, sight, list(dict.fromkeys(wanted))[:MAX_WABAS])
    _judge_wabas(findings, sight, connected_ids)
    if credentials.portfolio_id:
        _judge_portfolio(client, findings, credentials, sight, portfolio_error)
    return findings, sight


def _judge_token(findings: Findings, token: TokenInfo, credentials: ApiCredentials, now: datetime) -> None:
    findings.judge("app_matches", token.app_id == credentials.app_id, expected=credentials.app_id, actual=token.app_id)
    findings.add("token_type", "passed" if "SYSTEM_USER" in token.type else "warning", type=token.type)
    judge_expiry(findings, token.expires_at, now)
    for permission in PERMISSIONS:
        findings.judge("permission", permission in token.scopes, permission=permission)
    status = "passed" if PORTFOLIO_PERMISSION in token.scopes else "warning"
    findings.add("permission", status, permission=PORTFOLIO_PERMISSION)


def _read_portfolio(client: ManagementClient, portfolio_id: str, sight: Sight) -> CloudApiError | None:
    """Reads the portfolio and the accounts it owns or was given; the error where it can't be read."""
    if not portfolio_id:
        return None
    try:
        sight.portfolio = client.portfolio(portfolio_id)
    except CloudApiError as error:
        return error
    owned, is_owned_read = _listed(client.owned_wabas, portfolio_id)
    shared, is_shared_read = _listed(client.client_wabas, portfolio_id)
    sight.lists_read = is_owned_read and is_shared_read
    sight.shared_ids = {waba.id for waba in shared}
    sight.wabas = {waba.id: waba for waba in [*owned, *shared][:MAX_WABAS]}
    return None


def _listed(read: Callable[[str], Iterable[Waba]], portfolio_id: str) -> tuple[list[Waba], bool]:
    try:
        return list(read(portfolio_id)), True
    except CloudApiError:
        return [], False


def _read_wabas(client: ManagementClient, sight: Sight, waba_ids: Iterable[str]) -> None:
    for waba_id in waba_ids:
        try:
            sight.wabas[waba_id] = client.waba(waba_id)
        except CloudApiError as error:
            sight.wabas.pop(waba_id, None)
            sight.hidden[waba_id] = error
            if not isinstance(error, GraphError):
                return  # Meta is out of reach: asking for each of the others would only take long


def _judge_wabas(findings: Findings, sight: Sight, connected_ids: Collection[str]) -> None:
    unanswered = [error for error in sight.hidden.values() if says_nothing(error)]
    refused = {waba_id: error for waba_id, error in sight.hidden.items() if not says_nothing(error)}
    proof_error = next((error for error in refused.values() if "appsecret_proof" in error.details), None)
    if sight.wabas or proof_error:
        findings.judge("secret_proof", proof_error is None, **(error_facts(proof_error) if proof_error else {}))
    is_lost = any(waba_id in connected_ids for waba_id in refused)
    status = "failed" if is_lost or (refused and not sight.wabas) else "passed" if sight.wabas else "warning"
    if refused and status == "passed":
        status = "warning"
    facts: dict[str, Any] = {
        "visible": list(sight.wabas),
        "names": [waba.name or waba.id for waba in sight.wabas.values()],
        "hidden": list(refused),
    }
    if refused:
        facts |= error_facts(next(iter(refused.values())))
    if unanswered:
        findings.add_unanswered(unanswered[0])
    if not unanswered or refused:
        findings.add("accounts_visible", status, **facts)


def _judge_portfolio(
    client: ManagementClient,
    findings: Findings,
    credentials: ApiCredentials,
    sight: Sight,
    error: CloudApiError | None,
) -> None:
    portfolio_id = credentials.portfolio_id
    if sight.portfolio is not None:
        findings.add("portfolio_readable", "passed", name=sight.portfolio.name, id=portfolio_id)
        _judge_owners(findings, sight, portfolio_id, sight.portfolio.name)
        return
    assert error is not None
    if says_nothing(error):
        findings.add_unanswered(error)
        return
    if _is_other_id(client, findings, credentials, sight):
        return
    owners = {waba.portfolio_id: waba.portfolio_name for waba in sight.wabas.values()}
    if portfolio_id in owners:
        findings.add("portfolio_readable", "passed", name=owners[portfolio_id], id=portfolio_id)
        _judge_owners(findings, sight, portfolio_id, owners[portfolio_id])
    elif isinstance(error, PermissionMissing):
        findings.add("portfolio_readable", "warning", id=portfolio_id, **error_facts(error))
        _judge_owners(findings, sight, portfolio_id, "")
    else:
        owner = next(((key, name) for key, name in owners.items() if key), ("", ""))
        facts = {"id": portfolio_id, "owner_id": owner[0], "owner_name": owner[1]}
        findings.add("portfolio_readable", "failed", **facts, **error_facts(error))


def _is_other_id(client: ManagementClient, findings: Findings, credentials: ApiCredentials, sight: Sight) -> bool:
    """Names what was typed in the portfolio's place: an account's, an app's or a number's id."""
    typed = credentials.portfolio_id
    waba = sight.wabas.get(typed) or _waba_or_none(client, typed)
    if waba is not None:
        owner = {"owner_id": waba.portfolio_id, "owner_name": waba.portfolio_name}
        findings.add("portfolio_is_account", "failed", id=typed, name=waba.name, **owner)
    elif typed == credentials.app_id:
        findings.add("portfolio_is_app", "failed", id=typed)
    elif "display_phone_number" in _node(client, typed):
        findings.add("portfolio_is_number", "failed", id=typed)
    else:
        return False
    return True


def _waba_or_none(client: ManagementClient, object_id: str) -> Waba | None:
    try:
        waba = client.waba(object_id)
    except CloudApiError:
        return None
    return waba if waba.review_status or waba.portfolio_id else None


def _node(client: ManagementClient, object_id: str) -> Mapping[str, Any]:
    try:
        return client.node(object_id, "id,display_phone_number")
    except CloudApiError:
        return {}


def _judge_owners(findings: Findings, sight: Sight, portfolio_id: str, portfolio_name: str) -> None:
    """Each account must belong to the portfolio or be shared with it; without the lists nobody can tell the latter."""
    shared = [
        waba for waba in sight.wabas.values() if waba.id in sight.shared_ids and waba.portfolio_id != portfolio_id
    ]
    if shared:
        names = [{"name": waba.name, "owner": waba.portfolio_name or waba.portfolio_id} for waba in shared]
        findings.add("account_shared", "passed", accounts=names)
    foreign = [
        waba
        for waba in sight.wabas.values()
        if waba.portfolio_id and waba.portfolio_id != portfolio_id and waba.id not in sight.shared_ids
    ]
    for waba in foreign:
        findings.add(
            "account_owner",
            "failed" if sight.lists_read else "warning",
            account=waba.name or waba.id,
            owner_id=waba.portfolio_id,
            owner_name=waba.portfolio_name or waba.portfolio_id,
            id=portfolio_id,
            name=portfolio_name or portfolio_id,
        )
    if sight.wabas and not foreign:
        findings.add("account_owner", "passed", name=portfolio_name or portfolio_id)
