"""Keys, addresses, e-mail, and which Meta this installation talks to."""

from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.core.mail import get_connection
from django.db.models import F, TextField
from django.db.models.functions import Cast

from channels_app.doctor import graph_versions
from channels_app.doctor.case import Case
from channels_app.doctor.registry import Group, Scope, Turn, Verdict, check, failed, passed, warning
from console.kit import addresses
from console.kit.fields import EncryptedTextField, cipher

META_DOMAINS = ("facebook.com", "whatsapp.com")
REAL_MAIL = ("smtp",)


@check(
    "encryption_keys",
    group=Group.INSTALLATION,
    scope=Scope.INSTALLATION,
    turn=Turn.OPERATOR,
    needs=("database", "migrations"),
)
def encryption_keys(case: Case) -> Verdict:
    """Decrypts every stored secret of the installation; one query per encrypted column, nothing is kept."""
    count, broken = 0, []
    for model in apps.get_models():
        for name in (field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)):
            stored = model._default_manager.annotate(raw=Cast(F(name), TextField())).values_list("raw", flat=True)
            for raw in filter(None, stored.iterator()):
                count += 1
                if not _opens(raw):
                    broken.append(f"{model._meta.label}.{name}")
    if broken:
        return failed("unreadable", count=len(broken), names=sorted(set(broken)))
    return passed(count=count)


def _opens(raw: str) -> bool:
    try:
        cipher().decrypt(raw.encode())
    except (InvalidToken, ValueError):
        return False
    return True


@check("base_url", group=Group.INSTALLATION, scope=Scope.INSTALLATION, turn=Turn.OPERATOR)
def base_url(case: Case) -> Verdict:
    return _judge_address(settings.WAYMARK_BASE_URL)


@check("webhook_url", group=Group.INSTALLATION, scope=Scope.INSTALLATION, turn=Turn.OPERATOR)
def webhook_url(case: Case) -> Verdict:
    return _judge_address(settings.WEBHOOK_BASE_URL)


def _judge_address(url: str) -> Verdict:
    """By its words only: what a name resolves to differs from network to network."""
    parts = urlsplit(url)
    facts = {"address": f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"}
    judge = warning if settings.IS_LOCAL else failed
    if not _is_public_name(parts.hostname or ""):
        return judge("private", **facts)
    if parts.scheme != "https":
        return judge("http", **facts)
    return passed(**facts)


def _is_public_name(host: str) -> bool:
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan")):
        return False
    try:
        return addresses.is_public(host)
    except ValueError:  # a name, not an address
        return "." in host


@check("email", group=Group.INSTALLATION, scope=Scope.INSTALLATION, turn=Turn.OPERATOR)
def email(case: Case) -> Verdict:
    """Opens a connection, signs in if there is a password, and closes it: nothing is sent."""
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    if kind not in REAL_MAIL:
        return warning("not_sent", kind=kind)
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:  # smtplib's errors are among them; their text may hold what we sent
        return failed("unusable", host=settings.EMAIL_HOST, port=settings.EMAIL_PORT, error=type(error).__name__)
    finally:
        connection.close()
    return passed(kind=kind, host=settings.EMAIL_HOST, port=settings.EMAIL_PORT)


@check("graph_version", group=Group.INSTALLATION, scope=Scope.INSTALLATION, turn=Turn.OPERATOR)
def graph_version(case: Case) -> Verdict:
    version, today = settings.GRAPH_VERSION, case.now.date()
    facts: dict[str, Any] = {"version": version, "latest": graph_versions.LATEST}
    if version not in graph_versions.ENDS:
        is_gone = graph_versions.is_older_than_known(version)
        return failed("gone", **facts) if is_gone else warning("unknown", **facts)
    ends_on = graph_versions.ENDS[version]
    if ends_on is None:
        return passed(**facts)
    facts |= {"ends_on": ends_on.isoformat(), "days": (ends_on - today).days}
    if ends_on <= today:
        return failed("gone", **facts)
    return warning("soon", **facts) if ends_on - today <= graph_versions.WARN_BEFORE else passed(**facts)


@check("graph_address", group=Group.INSTALLATION, scope=Scope.INSTALLATION, turn=Turn.OPERATOR)
def graph_address(case: Case) -> Verdict:
    """On a laptop a simulator is meant; in production neither it nor open private networks are."""
    host = urlsplit(settings.GRAPH_BASE_URL).hostname or ""
    is_meta = any(host == domain or host.endswith(f".{domain}") for domain in META_DOMAINS)
    facts: dict[str, Any] = {"host": host, "private_addresses": settings.ALLOW_PRIVATE_ADDRESSES}
    if not is_meta and not settings.IS_LOCAL:
        return warning("simulator", **facts)
    if settings.ALLOW_PRIVATE_ADDRESSES and (is_meta or not settings.IS_LOCAL):
        return warning("private_allowed", **facts)
    return passed(**facts)
