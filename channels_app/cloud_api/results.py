"""What Meta's management calls give, typed; unknown fields are kept in `facts` and never break anything."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _instant(value: object) -> datetime | None:
    """Unix seconds; 0 and nonsense give None (Meta's 0 means never)."""
    try:
        return datetime.fromtimestamp(int(str(value)), UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True)
class TokenInfo:
    """What debug_token says. `waba_ids` come from granular_scopes; `expires_at` None = never."""

    is_valid: bool
    app_id: str = ""
    type: str = ""
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    waba_ids: tuple[str, ...] = ()
    error_code: int | None = None
    error_subcode: int | None = None
    error_message: str = ""

    @classmethod
    def of(cls, body: Json) -> "TokenInfo":
        data = body.get("data") if isinstance(body.get("data"), dict) else {}
        assert isinstance(data, dict)
        error = data.get("error") if isinstance(data.get("error"), dict) else {}
        assert isinstance(error, dict)
        scopes = [row for row in data.get("granular_scopes") or [] if isinstance(row, dict)]
        ids = (
            _text(target)
            for row in scopes
            if str(row.get("scope", "")).startswith("whatsapp_business")
            for target in row.get("target_ids") or []
        )
        return cls(
            is_valid=data.get("is_valid") is True,
            app_id=_text(data.get("app_id")),
            type=_text(data.get("type")),
            expires_at=_instant(data.get("expires_at")),
            scopes=_names(data.get("scopes")),
            waba_ids=tuple(dict.fromkeys(ids)),
            error_code=error.get("code") if isinstance(error.get("code"), int) else None,
            error_subcode=error.get("subcode") if isinstance(error.get("subcode"), int) else None,
            error_message=_text(error.get("message"))[:300],
        )


def _health(body: Json) -> str:
    """AVAILABLE, LIMITED or BLOCKED: the worst of the entities, as Meta sums them up."""
    status = body.get("health_status")
    return _text(status.get("can_send_message"))[:12] if isinstance(status, dict) else ""


def _names(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in value) if isinstance(value, list) else ()


@dataclass(frozen=True)
class Waba:
    """The node of a WhatsApp Business Account."""

    id: str
    name: str = ""
    currency: str = ""
    review_status: str = ""
    portfolio_id: str = ""
    portfolio_name: str = ""
    verification_status: str = ""  # of the business
    health_word: str = ""
    has_payment_method: bool | None = None
    facts: Json = field(default_factory=dict)

    @classmethod
    def of(cls, body: Json) -> "Waba":
        owner = body.get("owner_business_info") or body.get("on_behalf_of_business_info")
        return cls(
            id=_text(body.get("id")),
            name=_text(body.get("name"))[:200],
            currency=_text(body.get("currency"))[:3],
            review_status=_text(body.get("account_review_status"))[:24],
            portfolio_id=_text(owner.get("id"))[:32] if isinstance(owner, dict) else "",
            portfolio_name=_text(owner.get("name"))[:200] if isinstance(owner, dict) else "",
            verification_status=_text(body.get("business_verification_status"))[:40],
            health_word=_health(body),
            has_payment_method=bool(body.get("primary_funding_id")),
            facts=body,
        )


@dataclass(frozen=True)
class BusinessPortfolio:
    """The node of a business portfolio: owner of accounts and of the messaging limit."""

    id: str
    name: str = ""
    verification_status: str = ""
    messaging_limit: str = ""

    @classmethod
    def of(cls, body: Json) -> "BusinessPortfolio":
        return cls(
            id=_text(body.get("id")),
            name=_text(body.get("name"))[:200],
            verification_status=_text(body.get("verification_status"))[:40],
            messaging_limit=_text(body.get("whatsapp_business_manager_messaging_limit"))[:20],
        )


@dataclass(frozen=True)
class Number:
    """The node of a phone number. `messaging_limit` belongs to the portfolio, not to the number."""

    id: str
    display_number: str = ""
    verified_name: str = ""
    status: str = ""
    quality_rating: str = ""
    throughput_level: str = ""
    messaging_limit: str = ""
    name_status: str = ""
    code_verification_status: str = ""
    account_mode: str = ""
    username: str = ""
    is_pin_enabled: bool | None = None
    health_word: str = ""
    override_callback_url: str = ""  # of its `messages`
    facts: Json = field(default_factory=dict)

    @classmethod
    def of(cls, body: Json) -> "Number":
        throughput, hook = body.get("throughput"), body.get("webhook_configuration")
        is_pin_enabled = body.get("is_pin_enabled")
        limit = body.get("whatsapp_business_manager_messaging_limit") or body.get("messaging_limit_tier")
        return cls(
            id=_text(body.get("id")),
            display_number=_text(body.get("display_phone_number"))[:24],
            verified_name=_text(body.get("verified_name"))[:200],
            status=_text(body.get("status"))[:24],
            quality_rating=_text(body.get("quality_rating"))[:12],
            throughput_level=_text(throughput.get("level"))[:20] if isinstance(throughput, dict) else "",
            messaging_limit=_text(limit)[:20],
            name_status=_text(body.get("name_status"))[:32],
            code_verification_status=_text(body.get("code_verification_status"))[:16],
            account_mode=_text(body.get("account_mode"))[:12],
            username=_text(body.get("username"))[:40],
            is_pin_enabled=is_pin_enabled if isinstance(is_pin_enabled, bool) else None,
            health_word=_health(body),
            override_callback_url=_text(hook.get("phone_number"))[:200] if isinstance(hook, dict) else "",
            facts=body,
        )


@dataclass(frozen=True)
class SubscribedApp:
    """An app that gets the webhooks of a WABA."""

    app_id: str
    name: str = ""
    override_callback_url: str = ""

    @classmethod
    def of(cls, row: Json) -> "SubscribedApp":
        app = row.get("whatsapp_business_api_data")
        app = app if isinstance(app, dict) else {}
        return cls(_text(app.get("id")), _text(app.get("name")), _text(row.get("override_callback_uri")))


@dataclass(frozen=True)
class AppSubscription:
    """The webhook address of an app with its fields, as Meta holds it; empty when there is none."""

    callback_url: str = ""
    fields: tuple[str, ...] = ()
    is_active: bool = False

    @classmethod
    def of(cls, rows: list[Json]) -> "AppSubscription":
        """Of the rows for all kinds of objects the one for WhatsApp."""
        mine = [row for row in rows if isinstance(row, dict) and row.get("object") == "whatsapp_business_account"]
        if not mine:
            return cls()
        fields = mine[0].get("fields")
        names = [field.get("name") if isinstance(field, dict) else field for field in fields or []]
        return cls(
            callback_url=_text(mine[0].get("callback_url")),
            fields=tuple(filter(None, map(_text, names))),
            is_active=mine[0].get("active") is True,
        )


@dataclass(frozen=True)
class Page:
    """One page of a list: rows and the cursor of the next page, "" at the end."""

    rows: list[Json]
    after: str = ""

    @classmethod
    def of(cls, body: Json) -> "Page":
        rows = [row for row in body.get("data") or [] if isinstance(row, dict)]
        paging = body.get("paging") if isinstance(body.get("paging"), dict) else {}
        assert isinstance(paging, dict)
        cursors = paging.get("cursors") if isinstance(paging.get("cursors"), dict) else {}
        assert isinstance(cursors, dict)
        return cls(rows, _text(cursors.get("after")) if paging.get("next") else "")
