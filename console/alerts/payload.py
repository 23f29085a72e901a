"""What an endpoint is sent, and how it is signed. docs/alerts.md describes both for who receives it."""

import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation

from console.alerts.models import Alert
from console.alerts.words import Worded
from console.workspaces.models import Workspace

Json = dict[str, Any]


def alert_event(alert: Alert, event: str, at: datetime) -> Json:
    """The body for "raised" or "resolved", with an id of its own; its words are English. No query."""
    with translation.override("en"):
        worded = Worded(alert, alert.workspace.slug)
        told = {
            "id": alert.pk,
            "kind": alert.kind,
            "tone": alert.tone,
            "subject": alert.subject,
            "title": worded.title,
            "text": worded.text,
            "url": worded.full_url,
            "facts": alert.facts,
            "raised_at": _instant(alert.raised_at),
            "resolved_at": _instant(alert.resolved_at),
        }
    return _body(alert.workspace, event, at, told)


def trial_event(workspace: Workspace, at: datetime, base_url: str) -> Json:
    """The body of a test: the same keys, nothing has happened."""
    told: Json = {
        "id": None,
        "kind": "alerts.test",
        "tone": "info",
        "subject": "",
        "title": "This is a test",
        "text": "Somebody pressed “Send a test” in Waymark. Nothing has happened.",
        "url": base_url + reverse("alerts:list", args=[workspace.slug]),
        "facts": {},
        "raised_at": _instant(at),
        "resolved_at": _instant(at),
    }
    return _body(workspace, "test", at, told)


def _body(workspace: Workspace, event: str, at: datetime, told: Json) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "type": f"alert.{event}",
        "at": _instant(at),
        "workspace": {"slug": workspace.slug, "name": workspace.name},
        "alert": told,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def encode(body: Json) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def signature(secret: str, identifier: str, timestamp: int, body: bytes) -> str:
    """'v1=' and the hex HMAC-SHA256 of "{id}.{timestamp}.{body}" with the endpoint's secret."""
    signed = f"{identifier}.{timestamp}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def headers(secret: str, identifier: str, at: datetime, body: bytes) -> dict[str, str]:
    timestamp = int(at.timestamp())
    return {
        "content-type": "application/json",
        "user-agent": "Waymark-Alerts/1",
        "waymark-id": identifier,
        "waymark-timestamp": str(timestamp),
        "waymark-signature": signature(secret, identifier, timestamp, body),
    }
