"""What exists in the simulated Meta: plain records, all of them storable as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Self


@dataclass
class Record:
    """Common ground of all stored records: a kind, an id, and a way to and from JSON."""

    kind: ClassVar[str] = ""

    id: str

    def dump(self) -> dict[str, Any]:
        """Give the record as JSON-ready data."""
        return asdict(self)

    @classmethod
    def load(cls, data: dict[str, Any]) -> Self:
        """Rebuild a record, ignoring what this version does not know."""
        known = {item.name for item in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})


@dataclass
class App(Record):
    """A Meta app: holds the secret, the webhook URL and the fields it listens to."""

    kind: ClassVar[str] = "app"

    name: str = ""
    secret: str = ""
    require_proof: bool = False
    callback_url: str = ""
    verify_token: str = ""
    webhook_fields: list[str] = field(default_factory=list)


@dataclass
class Token(Record):
    """An access token; `id` is the token itself. `expires_at` 0 means never (real seconds since the epoch).

    `lost_waba_ids` are accounts that were taken away from its user: reading them answers 200 instead of 100/33.
    """

    kind: ClassVar[str] = "token"

    app_id: str = ""
    user_id: str = ""
    type: str = "SYSTEM_USER"
    scopes: list[str] = field(default_factory=list)
    waba_ids: list[str] = field(default_factory=list)
    lost_waba_ids: list[str] = field(default_factory=list)
    portfolio_ids: list[str] = field(default_factory=list)
    issued_at: int = 0
    expires_at: int = 0
    is_revoked: bool = False
    label: str = ""


@dataclass
class Portfolio(Record):
    """A business portfolio; it owns the messaging limit. `number_limit` 0 means what Meta gives by itself."""

    kind: ClassVar[str] = "portfolio"

    name: str = ""
    verification_status: str = "verified"
    limit_tier: str = "TIER_100K"
    number_limit: int = 0

    @property
    def most_numbers(self) -> int:
        """How many numbers it may have: 2 when new, 20 once verified or above the first limit."""
        is_new = self.verification_status != "verified" and self.limit_tier == "TIER_250"
        return self.number_limit or (2 if is_new else 20)


@dataclass
class Waba(Record):
    """A WhatsApp Business Account. `subscribed` maps app id to its override.

    `restriction` is a code that every send answers; `restrictions` are Meta's kinds as
    `{"restriction_type", "lifts_at" (virtual), "expiration", "code"}`; `shared_with` are portfolios that may use it.
    """

    kind: ClassVar[str] = "waba"

    portfolio_id: str = ""
    name: str = ""
    currency: str = "EUR"
    timezone_id: str = "1"
    country: str = "GB"
    namespace: str = ""
    account_review_status: str = "APPROVED"
    primary_funding_id: str = "119000000000021"
    restriction: int = 0
    restrictions: list[dict[str, Any]] = field(default_factory=list)
    status: str = "ACTIVE"
    ban_state: str = ""
    ban_date: str = ""
    violations: list[str] = field(default_factory=list)
    shared_with: list[str] = field(default_factory=list)
    auth_international_rate_eligibility: dict[str, Any] = field(default_factory=dict)
    subscribed: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Number(Record):
    """A business phone number (the sender). Instants of its registration are virtual seconds.

    `pin` is the two-step PIN ("" while none is set); `code` the verification code that was "sent" last. In account mode
    SANDBOX (a test number) it may write only to `allowed_recipients`, phone digits.
    """

    kind: ClassVar[str] = "number"

    waba_id: str = ""
    digits: str = ""
    display: str = ""
    verified_name: str = ""
    status: str = "CONNECTED"
    quality_rating: str = "GREEN"
    throughput: str = "STANDARD"
    name_status: str = "APPROVED"
    code_verification_status: str = "VERIFIED"
    account_mode: str = "LIVE"
    allowed_recipients: list[str] = field(default_factory=list)
    is_official_business_account: bool = False
    override_callback_uri: str = ""
    override_verify_token: str = ""
    profile: dict[str, Any] = field(default_factory=dict)
    new_name: str = ""
    new_name_status: str = ""
    username: str = ""
    pin: str = ""
    pin_wrong_count: int = 0
    pin_wrong_at: float = 0.0
    pin_locked_until: float = 0.0
    code: str = ""
    code_method: str = ""
    code_sent_at: float = 0.0
    registration_calls: list[float] = field(default_factory=list)
    registration_locked_until: float = 0.0
    is_deregistration_incomplete: bool = False
    deleted_at: float = 0.0
    onboarded_at: int = 0
    data_localization_region: str = ""


@dataclass
class Template(Record):
    """A message template in one language."""

    kind: ClassVar[str] = "template"

    waba_id: str = ""
    name: str = ""
    language: str = "en_US"
    category: str = "MARKETING"
    status: str = "APPROVED"
    parameter_format: str = "POSITIONAL"
    components: list[dict[str, Any]] = field(default_factory=list)
    quality: str = "GREEN"
    rejected_reason: str = "NONE"
    message_send_ttl_seconds: int = 0
    created_at: int = 0
    updated_at: int = 0


@dataclass
class Media(Record):
    """Uploaded or received media without its bytes (they are kept beside it)."""

    kind: ClassVar[str] = "media"

    phone_id: str = ""
    mime_type: str = ""
    sha256: str = ""
    size_bytes: int = 0
    filename: str = ""
    expires_at: float = 0.0


@dataclass
class Person(Record):
    """What is known of one virtual user beyond the seed; `id` is the phone digits. None means: as the seed says."""

    kind: ClassVar[str] = "person"

    name: str | None = None
    username: str | None = None
    on_whatsapp: bool | None = None
    read_receipts: bool | None = None
    phone_shared: bool | None = None
    delivered_delay_s: float | None = None
    read_delay_s: float | None = None
    never_delivered: bool | None = None
    chat_open: bool | None = None
    experiment: bool | None = None
    fail_code: int | None = None
    fail_marketing_code: int | None = None
    reply: str | None = None
    marketing_stopped: bool = False
    blocked_phone_ids: list[str] = field(default_factory=list)


@dataclass
class Appointment(Record):
    """Something that happens by itself at a virtual instant: `what` to the record `about`, with `data`."""

    kind: ClassVar[str] = "appointment"

    due: float = 0.0
    what: str = ""
    about: str = ""
    data: dict[str, Any] = field(default_factory=dict)


RECORD_KINDS: tuple[type[Record], ...] = (
    App, Token, Portfolio, Waba, Number, Template, Media, Person, Appointment,
)  # fmt: skip
