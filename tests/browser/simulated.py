"""The simulator's control surface, for what happens at Meta and on people's phones."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.browser.stack import Stack


@dataclass(frozen=True)
class Business:
    """A business at Meta with an app, an account, a number, a token and sample templates of its own."""

    app_id: str
    app_secret: str
    waba_id: str
    phone_number_id: str
    token: str
    portfolio_id: str


def control(stack: Stack, path: str, body: dict[str, Any] | None = None, *, method: str = "") -> dict[str, Any]:
    """GET /_control/<path>, or POST it with a body; or another method."""
    request = urllib.request.Request(  # noqa: S310  # our own loopback address
        f"{stack.simulator_url}/_control/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method=method or None,
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return dict(json.load(answer))


def new_business(stack: Stack, name: str) -> Business:
    """A further business; its portfolio stands in the world, not in the answer."""
    made = control(stack, "businesses", {"name": name})
    wabas = control(stack, "state")["wabas"]
    return Business(**made, portfolio_id=next(waba["portfolio_id"] for waba in wabas if waba["id"] == made["waba_id"]))


def new_token(stack: Stack, business: Business, **changes: Any) -> str:
    """A further token of a business: `scopes`, `expires_at` (seconds since the epoch)."""
    body = {"app_id": business.app_id, "waba_ids": [business.waba_id], **changes}
    return str(control(stack, "tokens", body)["token"])


def add_number(stack: Stack, business: Business, number: str, name: str) -> str:
    """Adds a number to the business's account as somebody does in WhatsApp Manager, ready to send; gives its id."""
    query = urlencode({"cc": "44", "phone_number": number, "verified_name": name, "access_token": business.token})
    request = urllib.request.Request(  # noqa: S310  # our own loopback address
        f"{stack.simulator_url}/v26.0/{business.waba_id}/phone_numbers?{query}", method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        number_id = str(json.load(answer)["id"])
    control(stack, f"numbers/{number_id}", {"status": "CONNECTED", "code_verification_status": "VERIFIED"})
    return number_id
