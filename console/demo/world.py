"""What the demo workspace is made of, and how it talks to the simulator's control surface."""

import json
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from console.workspaces.roles import Role

WORKSPACE_NAME = "Lumen Coffee"
WORKSPACE_SLUG = "lumen-coffee"
AUDIENCE_NAME = "Coffee club"
CHANNEL_NAME = "lumen-marketing"
PASSWORD = "waymark-demo"  # noqa: S105  # public by design: the demo refuses to run anywhere but on a laptop


@dataclass(frozen=True)
class SignIn:
    """One demo sign-in; staff have no role of their own in the workspace's table."""

    email: str
    name: str
    role: str
    what: str


SIGN_INS = (
    SignIn("owner@demo.example", "Owner", Role.OWNER, "workspace owner"),
    SignIn("marketer@demo.example", "Marketer", Role.MARKETER, "marketer"),
    SignIn("channels@demo.example", "Channel admin", Role.CHANNEL_ADMIN, "channel admin"),
    SignIn("approver@demo.example", "Approver", Role.APPROVER, "approver"),
    SignIn("viewer@demo.example", "Viewer", Role.VIEWER, "viewer"),
    SignIn("staff@demo.example", "Staff", "", "staff"),
)


class Simulator:
    """The simulator's control surface over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self, path: str, **query: object) -> dict[str, Any]:
        """One JSON answer of /_control/<path>. Raises OSError when the simulator is not there."""
        address = f"{self.url}/_control/{path}" + (f"?{urlencode(query)}" if query else "")
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  # our own loopback address
            return dict(json.load(answer))

    def accepted_per_recipient(self, phone_number_id: str, since: float) -> dict[str, int]:
        """{digits: how many messages Meta's place accepted for them} since an instant."""
        found = self.read("ledger/summary", phone_number_id=phone_number_id, since=since, per_recipient=1)
        return dict(found["per_recipient"])


def is_answering(url: str) -> bool:
    """Whether something answers at an address of this machine."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own loopback address
            return True
    except OSError:
        return False
