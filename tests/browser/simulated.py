"""The simulator's control surface, for what happens at Meta and on people's phones."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.browser.stack import Stack


@dataclass(frozen=True)
class Business:
    """A business at Meta with an app, an account, a number, a token and sample templates of its own."""

    app_id: str
    app_secret: str
    waba_id: str
    phone_number_id: str
    token: str


def control(stack: Stack, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """GET /_control/<path>, or POST it with a body."""
    request = urllib.request.Request(  # noqa: S310  # our own loopback address
        f"{stack.simulator_url}/_control/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return dict(json.load(answer))


def new_business(stack: Stack, name: str) -> Business:
    return Business(**control(stack, "businesses", {"name": name}))


def new_token(stack: Stack, business: Business, **changes: Any) -> str:
    """A further token of a business: `scopes`, `expires_at` (seconds since the epoch)."""
    body = {"app_id": business.app_id, "waba_ids": [business.waba_id], **changes}
    return str(control(stack, "tokens", body)["token"])
