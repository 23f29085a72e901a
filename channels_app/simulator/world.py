"""The default world: what exists when the simulator starts empty. Every id here is fixed and may be relied on."""

from __future__ import annotations

import time
from typing import Any

from .entities import App, Number, Portfolio, Record, Token, Waba
from .sample_templates import build_templates

REFERENCE_VERSION = "meta-cloud-api.md, state of 23 Nov 2026; Graph v26.0"
GRAPH_VERSION = "v26.0"

PORTFOLIO_ID = "900100000000001"
WABA_ID = "210100000000002"
PHONE_ID = "320100000000003"
PENDING_PHONE_ID = "320100000000004"
APP_ID = "430100000000005"
APP_SECRET = "sim_app_secret"  # noqa: S105 (public by design: the secret of the reference's test vectors)
SYSTEM_USER_ID = "122100000000006"

OTHER_PORTFOLIO_ID = "900100000000007"
OTHER_WABA_ID = "210100000000008"
OTHER_PHONE_ID = "320100000000009"

TOKEN = "EAASIMLUMENFULLACCESS0000000000000000000000000000000001"  # noqa: S105
TOKEN_NO_MESSAGING = "EAASIMLUMENNOMESSAGING000000000000000000000000000000002"  # noqa: S105
TOKEN_EXPIRED = "EAASIMLUMENEXPIRED000000000000000000000000000000000003"  # noqa: S105
TOKEN_OTHER = "EAASIMOTHERBUSINESS00000000000000000000000000000000004"  # noqa: S105

TOKEN_NO_BUSINESS = "EAASIMLUMENNOBUSINESS00000000000000000000000000000000005"  # noqa: S105
TOKEN_EXPIRING = "EAASIMLUMENEXPIRESIN9DAYS0000000000000000000000000000006"  # noqa: S105
TOKEN_OTHER_APP = "EAASIMLUMENOTHERAPP000000000000000000000000000000000007"  # noqa: S105
TOKEN_USER = "EAASIMLUMENPERSON00000000000000000000000000000000000008"  # noqa: S105
TOKEN_NO_ASSET = "EAASIMLUMENASSETTAKENAWAY00000000000000000000000000009"  # noqa: S105
TOKEN_ALL_ACCOUNTS = "EAASIMLUMENALLACCOUNTS00000000000000000000000000000010"  # noqa: S105

SECOND_APP_ID = "430100000000011"
SECOND_APP_SECRET = "sim_second_secret"  # noqa: S105
KOREA_WABA_ID = "210100000000012"
KOREA_PHONE_ID = "320100000000014"
UNPAID_WABA_ID = "210100000000013"
UNPAID_PHONE_ID = "320100000000015"
PIN = "123456"

FIRST_TEMPLATE_ID = 540100000000100
ISSUED_AT = 1_790_000_000  # 21 Sep 2026
EXPIRED_AT = 1_792_000_000  # 14 Oct 2026
HOUR_S, DAY_S = 3_600, 86_400

MANAGEMENT, MESSAGING, BUSINESS = "whatsapp_business_management", "whatsapp_business_messaging", "business_management"

CONSTANTS: dict[str, Any] = {
    "graph_version": GRAPH_VERSION,
    "portfolio_id": PORTFOLIO_ID,
    "waba_id": WABA_ID,
    "phone_number_id": PHONE_ID,
    "pending_phone_number_id": PENDING_PHONE_ID,
    "app_id": APP_ID,
    "app_secret": APP_SECRET,
    "system_user_id": SYSTEM_USER_ID,
    "token": TOKEN,
    "token_without_messaging": TOKEN_NO_MESSAGING,
    "token_expired": TOKEN_EXPIRED,
    "token_without_business": TOKEN_NO_BUSINESS,
    "token_expiring_in_9_days": TOKEN_EXPIRING,
    "token_of_other_app": TOKEN_OTHER_APP,
    "token_of_person": TOKEN_USER,
    "token_without_asset": TOKEN_NO_ASSET,
    "token_of_all_accounts": TOKEN_ALL_ACCOUNTS,
    "second_app_id": SECOND_APP_ID,
    "second_app_secret": SECOND_APP_SECRET,
    "korea_waba_id": KOREA_WABA_ID,
    "korea_phone_number_id": KOREA_PHONE_ID,
    "unpaid_waba_id": UNPAID_WABA_ID,
    "unpaid_phone_number_id": UNPAID_PHONE_ID,
    "pin": PIN,
    "other_portfolio_id": OTHER_PORTFOLIO_ID,
    "other_waba_id": OTHER_WABA_ID,
    "other_phone_number_id": OTHER_PHONE_ID,
    "token_of_other_business": TOKEN_OTHER,
}


def _profile(about: str, address: str) -> dict[str, Any]:
    return {
        "about": about,
        "address": address,
        "description": "Single origin coffee, roasted twice a week.",
        "email": "hello@lumen.example",
        "websites": ["https://lumen.example"],
        "vertical": "RETAIL",
    }


def _records() -> list[Record]:
    return [
        App(APP_ID, name="Waymark Console", secret=APP_SECRET),
        App(SECOND_APP_ID, name="Lumen Help Desk", secret=SECOND_APP_SECRET),
        Portfolio(PORTFOLIO_ID, name="Lumen Coffee Group"),
        Portfolio(OTHER_PORTFOLIO_ID, name="Harbor Books", verification_status="not_verified", limit_tier="TIER_250"),
        Waba(WABA_ID, portfolio_id=PORTFOLIO_ID, name="Lumen Coffee", namespace="5a1f2c34_9e1b_4d35_a1f4_7c2d90b6e801"),
        Waba(KOREA_WABA_ID, portfolio_id=PORTFOLIO_ID, name="Lumen Coffee Korea", currency="KRW", country="KR",
             timezone_id="79", namespace="5a1f2c34_9e1b_4d35_a1f4_7c2d90b6e803", account_review_status="PENDING"),
        Waba(UNPAID_WABA_ID, portfolio_id=PORTFOLIO_ID, name="Lumen Coffee Events",
             namespace="5a1f2c34_9e1b_4d35_a1f4_7c2d90b6e804", primary_funding_id=""),
        Waba(OTHER_WABA_ID, portfolio_id=OTHER_PORTFOLIO_ID, name="Harbor Books", currency="USD", country="US",
             namespace="7b2f2c34_9e1b_4d35_a1f4_7c2d90b6e802"),
    ]  # fmt: skip


def _numbers() -> list[Record]:
    def connected(number_id: str, waba_id: str, digits: str, display: str, name: str, **more: Any) -> Number:
        return Number(number_id, waba_id=waba_id, digits=digits, display=display, verified_name=name, pin=PIN,
                      onboarded_at=ISSUED_AT, **more)  # fmt: skip

    return [
        connected(PHONE_ID, WABA_ID, "447700900118", "+44 7700 900118", "Lumen Coffee",
                  is_official_business_account=True, profile=_profile("Freshly roasted", "12 Frith Street, London")),
        Number(PENDING_PHONE_ID, waba_id=WABA_ID, digits="447700900119", display="+44 7700 900119",
               verified_name="Lumen Coffee Service", status="PENDING", quality_rating="UNKNOWN",
               throughput="NOT_APPLICABLE", name_status="PENDING_REVIEW", code_verification_status="NOT_VERIFIED",
               profile=_profile("Customer service", "12 Frith Street, London")),
        connected(KOREA_PHONE_ID, KOREA_WABA_ID, "821055500100", "+82 10-5550-0100", "Lumen Coffee Korea",
                  profile=_profile("Freshly roasted", "12 Itaewon-ro, Seoul")),
        connected(UNPAID_PHONE_ID, UNPAID_WABA_ID, "447700900120", "+44 7700 900120", "Lumen Coffee Events",
                  profile=_profile("Tastings and courses", "12 Frith Street, London")),
        connected(OTHER_PHONE_ID, OTHER_WABA_ID, "15550001111", "+1 555-000-1111", "Harbor Books",
                  profile=_profile("Books by the sea", "1 Pier Road")),
    ]  # fmt: skip


def _tokens() -> list[Record]:
    everything = [MANAGEMENT, MESSAGING, BUSINESS]

    def token(value: str, label: str, scopes: list[str] = everything, **more: Any) -> Token:
        reach = {"app_id": APP_ID, "user_id": SYSTEM_USER_ID, "waba_ids": [WABA_ID], "portfolio_ids": [PORTFOLIO_ID]}
        return Token(value, scopes=list(scopes), label=label, **{"issued_at": ISSUED_AT, **reach, **more})

    now = int(time.time())
    return [
        token(TOKEN, "full access"),
        token(TOKEN_NO_MESSAGING, "no messaging permission", [MANAGEMENT, BUSINESS]),
        token(TOKEN_EXPIRED, "expired", expires_at=EXPIRED_AT),
        token(TOKEN_OTHER, "other business", [MANAGEMENT, MESSAGING], user_id="122100000000010",
              waba_ids=[OTHER_WABA_ID], portfolio_ids=[OTHER_PORTFOLIO_ID]),
        token(TOKEN_NO_BUSINESS, "no business permission", [MANAGEMENT, MESSAGING]),
        token(TOKEN_EXPIRING, "expires in 9 days", issued_at=now - 51 * DAY_S, expires_at=now + 9 * DAY_S + HOUR_S),
        token(TOKEN_OTHER_APP, "another app of the same portfolio", app_id=SECOND_APP_ID),
        token(TOKEN_USER, "a person's, for a day", [MANAGEMENT, MESSAGING], type="USER", user_id="102100000000016",
              issued_at=now, expires_at=now + DAY_S),
        token(TOKEN_NO_ASSET, "account taken away", waba_ids=[], lost_waba_ids=[WABA_ID]),
        token(TOKEN_ALL_ACCOUNTS, "all accounts of the portfolio", waba_ids=[WABA_ID, KOREA_WABA_ID, UNPAID_WABA_ID]),
    ]  # fmt: skip


def build_world() -> list[Record]:
    """Give all records of the default world."""
    records = [*_records(), *_numbers(), *_tokens()]
    records += build_templates(WABA_ID, FIRST_TEMPLATE_ID, ISSUED_AT)
    records += build_templates(OTHER_WABA_ID, FIRST_TEMPLATE_ID + 500, ISSUED_AT)[-3:]
    records += build_templates(KOREA_WABA_ID, FIRST_TEMPLATE_ID + 600, ISSUED_AT)[-3:]
    records += build_templates(UNPAID_WABA_ID, FIRST_TEMPLATE_ID + 700, ISSUED_AT)[-3:]
    return records


def number_id(serial: int) -> str:
    """The id of a further business's number. One that was added at Meta meanwhile may have taken it."""
    return f"3202{serial:011d}"


def build_business(name: str, serial: int) -> tuple[App, Waba, Number, Token, list[Record]]:
    """A further business apart from the others: app, portfolio, account, number, token and every sample template.

    `serial` (1 to 9999) makes the ids; the last item holds all records, the first four among them.
    """
    app = App(f"4302{serial:011d}", name=f"{name} app", secret=f"sim_app_secret_{serial}")
    portfolio = Portfolio(f"9002{serial:011d}", name=name)
    waba = Waba(f"2102{serial:011d}", portfolio_id=portfolio.id, name=name, namespace=f"business_{serial}")
    number = Number(number_id(serial), waba_id=waba.id, digits=f"44770091{serial:04d}",
                    display=f"+44 7700 91{serial:04d}", verified_name=name, pin=PIN, onboarded_at=ISSUED_AT)  # fmt: skip
    token = Token(f"EAASIMBUSINESS{serial:040d}", app_id=app.id, user_id=SYSTEM_USER_ID,
                  scopes=[MANAGEMENT, MESSAGING, BUSINESS], waba_ids=[waba.id], portfolio_ids=[portfolio.id],
                  issued_at=ISSUED_AT, label=name)  # fmt: skip
    templates = build_templates(waba.id, FIRST_TEMPLATE_ID + 1000 * serial, ISSUED_AT)
    return app, waba, number, token, [app, portfolio, waba, number, token, *templates]
