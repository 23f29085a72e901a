"""Virtual users: how a person behind a phone number behaves. Everything follows from seed + phone, and from the last
four digits for the numbers that tests dial on purpose:

| Number ends in | What happens |
|---|---|
| 0000 | not on WhatsApp: accepted, then `failed` 131026 |
| 0001 | marketing fails with 131049 (per-user marketing limit) |
| 0002 | marketing fails with 130472 (experiment) |
| 0003 | has stopped marketing: marketing fails with 131050 |
| 0004 | phone is off: delivered only six virtual hours later |
| 0005 | never delivered, silently (`sent` and nothing more) |
| 0006 | delivered within a second, read receipts off |
| 0007 | has the chat open: `read` at once, `delivered` is skipped |
| 0008 | reads at once and taps the first quick reply (or writes "OK") |
| 0009 | reads at once and writes STOP |
| 0010 | `failed` 131000 (something went wrong) |
| 0011 | the first status arrives before the answer of the send |
| 0012 | statuses arrive twice and in the wrong order |
| 0013 | every send answers 131056 (pair rate) |
| 0014 | timeout after acceptance: the answer never comes, the message goes out |
| 0015 | HTTP 500 after acceptance: the message goes out all the same |
| 0016 | HTTP 500 without acceptance |
| 0017 | connection cut after acceptance |
| 0018 | known by business-scoped user id only: inbound webhooks carry no phone |
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from hashlib import blake2b
from struct import unpack

from .entities import Person
from .identities import country_of, is_us
from .ledger import DELIVERED, FAILED, READ, SENT, Step

FIRST_NAMES = {
    "KR": ("김민준", "이서연", "박지훈", "최수아", "정도윤", "강하은", "조시우", "윤지우", "임예준", "한소율"),
    "": ("Ada", "Grace", "Alan", "Mary", "Linus", "Katherine", "Edsger", "Barbara", "Donald", "Radia", "Tim", "Hedy"),
}
LAST_NAMES = ("Lovell", "Hopkins", "Turner", "Somers", "Berger", "Johnsen", "Dyson", "Lindgren", "Kent", "Perl", "Lee")

SIX_HOURS_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Behavior:
    """How one person behaves, all overrides applied. Delays are virtual seconds."""

    digits: str
    name: str
    username: str
    on_whatsapp: bool = True
    read_receipts: bool = True
    phone_shared: bool = True
    delivered_delay_s: float = 2.0
    read_delay_s: float = 600.0
    reads: bool = True
    never_delivered: bool = False
    chat_open: bool = False
    fail_code: int = 0
    fail_marketing_code: int = 0
    reply: str = ""
    status_first: bool = False
    disorder: bool = False


# The tail of the phone number decides; None of these depend on the seed.
MAGIC: dict[str, dict[str, object]] = {
    "0000": {"on_whatsapp": False},
    "0001": {"fail_marketing_code": 131049},
    "0002": {"fail_marketing_code": 130472},
    "0003": {"fail_marketing_code": 131050},
    "0004": {"delivered_delay_s": SIX_HOURS_S},
    "0005": {"never_delivered": True},
    "0006": {"delivered_delay_s": 0.5, "read_receipts": False},
    "0007": {"chat_open": True, "delivered_delay_s": 0.5},
    "0008": {"delivered_delay_s": 0.3, "read_delay_s": 0.5, "reads": True, "reply": "tap"},
    "0009": {"delivered_delay_s": 0.3, "read_delay_s": 0.5, "reads": True, "reply": "STOP"},
    "0010": {"fail_code": 131000},
    "0011": {"status_first": True, "delivered_delay_s": 0.3},
    "0012": {"disorder": True, "delivered_delay_s": 0.3, "read_delay_s": 0.5, "reads": True},
    "0018": {"phone_shared": False},
}
_PLAIN = {
    "on_whatsapp": True,
    "read_receipts": True,
    "never_delivered": False,
    "chat_open": False,
    "fail_code": 0,
    "fail_marketing_code": 0,
    "phone_shared": True,
}
MAGIC_ANSWERS = frozenset(("0013", "0014", "0015", "0016", "0017"))


def fractions(seed: int, *parts: object) -> tuple[float, float, float, float]:
    """Four numbers in 0..1 that depend on nothing but the arguments."""
    digest = blake2b(f"{seed}|{parts}".encode(), digest_size=16).digest()
    a, b, c, d = unpack("<4I", digest)
    return a / 2**32, b / 2**32, c / 2**32, d / 2**32


def log_normal(u: float, v: float, median: float, sigma: float) -> float:
    """Draw from a log-normal distribution with the given median (Box-Muller on two uniform numbers)."""
    z = math.sqrt(-2.0 * math.log(1.0 - u + 1e-12)) * math.cos(2.0 * math.pi * v)
    return median * math.exp(sigma * z)


class Recipients:
    """Answers how the person behind a phone number behaves; derives it anew each time, so millions cost no memory."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.overrides: dict[str, Person] = {}
        self.shares = {
            "not_on_whatsapp": 0.02,
            "marketing_limited": 0.01,
            "experiment": 0.003,
            "offline": 0.04,
            "chat_open": 0.02,
            "reads": 0.62,
            "phone_hidden": 0.0,
        }

    def name_of(self, digits: str) -> str:
        """Give the display name the seed gives this person."""
        a, b, _, _ = fractions(self.seed, "name", digits)
        names = FIRST_NAMES.get(country_of(digits))
        if names:
            return names[int(a * len(names))]
        plain = FIRST_NAMES[""]
        return f"{plain[int(a * len(plain))]} {LAST_NAMES[int(b * len(LAST_NAMES))]}"

    def behavior(self, digits: str) -> Behavior:
        """Give the person's behavior: seed, then magic digits, then what was set by hand."""
        shares = self.shares
        a, b, c, d = fractions(self.seed, "who", digits)
        e, f, g, h = fractions(self.seed, "how", digits)
        delivered = min(10.0, max(0.5, log_normal(a, b, 2.0, 0.7)))
        if c < shares["offline"]:
            delivered = min(3 * 86400.0, max(120.0, log_normal(b, a, 3600.0, 1.2)))
        marketing_code = 0
        if d < shares["marketing_limited"]:
            marketing_code = 131049
        elif d < shares["marketing_limited"] + shares["experiment"]:
            marketing_code = 130472
        name = self.name_of(digits)
        plain = "".join(ch for ch in name.lower().replace(" ", "_") if ch.isascii())
        found = Behavior(
            digits,
            name,
            username=f"{plain}{digits[-3:]}" if plain and h < 0.3 else "",
            on_whatsapp=e >= shares["not_on_whatsapp"],
            reads=f < shares["reads"],
            delivered_delay_s=delivered,
            read_delay_s=min(12 * 3600.0, max(30.0, log_normal(e, f, 900.0, 1.3))),
            chat_open=g < shares["chat_open"],
            fail_marketing_code=marketing_code,
            phone_shared=h >= shares["phone_hidden"],
        )
        magic = MAGIC.get(digits[-4:])
        if magic is not None or digits[-4:] in MAGIC_ANSWERS:
            found = replace(found, **{**_PLAIN, **(magic or {})})  # type: ignore[arg-type]
        person = self.overrides.get(digits)
        return _overridden(found, person) if person else found


def _overridden(found: Behavior, person: Person) -> Behavior:
    changes: dict[str, object] = {}
    for key in (
        "name", "username", "on_whatsapp", "read_receipts", "phone_shared", "delivered_delay_s", "read_delay_s",
        "never_delivered", "chat_open", "fail_code", "fail_marketing_code", "reply",
    ):  # fmt: skip
        value = getattr(person, key)
        if value is not None:
            changes[key] = value
    if person.experiment:
        changes["fail_marketing_code"] = 130472
    if person.read_delay_s is not None or person.read_receipts:
        changes["reads"] = True
    if person.marketing_stopped:
        changes["fail_marketing_code"] = 131050
    return replace(found, **changes)  # type: ignore[arg-type]


def plan(behavior: Behavior, now: float, luck: tuple[float, float], *, marketing: bool, blocked: bool) -> list[Step]:
    """Give what will happen to a message accepted at virtual `now`: steps of (instant, stage, error code)."""
    sent_at = now + 0.2 + 1.8 * luck[0]
    if behavior.fail_code or not behavior.on_whatsapp:
        return [(now + 1.0 + 6.0 * luck[1], FAILED, behavior.fail_code or 131026)]
    if marketing and (behavior.fail_marketing_code or is_us(behavior.digits)):
        return [(now + 1.0 + 3.0 * luck[1], FAILED, behavior.fail_marketing_code or 131049)]
    steps: list[Step] = [(sent_at, SENT, 0)]
    if behavior.never_delivered or blocked:
        return steps
    delivered_at = sent_at + behavior.delivered_delay_s * (0.8 + 0.4 * luck[1])
    if behavior.chat_open and behavior.read_receipts:
        steps.append((delivered_at, READ, 0))
        return steps
    steps.append((delivered_at, DELIVERED, 0))
    if behavior.reads and behavior.read_receipts:
        steps.append((delivered_at + behavior.read_delay_s * (0.8 + 0.4 * luck[0]), READ, 0))
    return steps
