"""Keeps secrets and people's numbers out of whatever an examination writes down.

Checks put none into their facts; this is the second lock, for what Meta's own texts might quote.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from console.kit.fields import EncryptedTextField
from console.workspaces.models import Workspace

WINDOW = 6  # a piece of a secret of this length is masked, wherever it stands
MASK = "•••"
TOKENS = re.compile(r"\bEAA[A-Za-z0-9]{8,}|\bwhsec_[A-Za-z0-9_-]{8,}|\b[Bb]earer\s+\S{8,}")
PASSWORD_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
LONG_NUMBER = re.compile(r"\+?\d[\d\s().-]{6,}\d")
PROSE = frozenset({"details", "told"})  # facts in Meta's own words


class Mask:
    """Masks every piece of the secrets it knows, anything that looks like a token, and long numbers that are not known ids."""

    def __init__(self, secrets: Iterable[str], known_numbers: Iterable[str] = ()) -> None:
        self._pieces = {
            secret[at : at + WINDOW]
            for secret in secrets
            if len(secret) >= WINDOW
            for at in range(len(secret) - WINDOW + 1)
        }
        self._known = {_digits(number) for number in known_numbers}
        # A token may hold a row of zeros, and so may an id of Meta's: ids stay readable.
        self._pieces = {piece for piece in self._pieces if not any(piece in known for known in self._known)}

    def text(self, text: str) -> str:
        text = PASSWORD_IN_URL.sub(f"{MASK}@", TOKENS.sub(MASK, text))
        hidden = [False] * len(text)
        for at in range(len(text) - WINDOW + 1):
            if text[at : at + WINDOW] in self._pieces:
                hidden[at : at + WINDOW] = [True] * WINDOW
        shown = "".join("\x00" if is_hidden else char for char, is_hidden in zip(text, hidden, strict=True))
        return re.sub("\x00+", MASK, shown)

    def prose(self, text: str) -> str:
        """Somebody else's sentence: numbers of people may stand in it too."""
        return LONG_NUMBER.sub(self._number, self.text(text))

    def _number(self, found: re.Match[str]) -> str:
        return found[0] if _digits(found[0]) in self._known else MASK

    def value(self, value: Any, *, is_prose: bool = False) -> Any:
        """A JSON value with every text in it masked; keys are ours and stay."""
        if isinstance(value, str):
            return self.prose(value) if is_prose else self.text(value)
        if isinstance(value, dict):
            return {key: self.value(item, is_prose=is_prose or key in PROSE) for key, item in value.items()}
        return [self.value(item, is_prose=is_prose) for item in value] if isinstance(value, list) else value


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def mask_of(workspace: Workspace | None) -> Mask:
    """The mask for a workspace's examination: its own secrets and the installation's. A query per encrypted model."""
    secrets = _installation_secrets()
    known: list[str] = []
    if workspace is not None:
        secrets += _stored_secrets(workspace)
        keys = ApiCredentials.objects.filter(workspace=workspace).values_list(
            "webhook_key", "app_id", "portfolio_id", "waba_ids"
        )
        for key, app_id, portfolio_id, waba_ids in keys:
            secrets += [str(key), key.hex]
            known += [app_id, portfolio_id, *map(str, waba_ids)]
        known += WhatsAppAccount.objects.filter(workspace=workspace).values_list("waba_id", flat=True)
        for number_id, display in PhoneNumber.objects.filter(workspace=workspace).values_list(
            "phone_number_id", "display_number"
        ):
            known += [number_id, display]
    return Mask(filter(None, secrets), known)


def _stored_secrets(workspace: Workspace) -> list[str]:
    found: list[str] = []
    for model in apps.get_models():
        fields = model._meta.fields
        names = [field.name for field in fields if isinstance(field, EncryptedTextField)]
        if not names or "workspace" not in {field.name for field in fields}:
            continue
        try:
            for row in model._default_manager.filter(workspace=workspace).values_list(*names):
                found += [part for value in row if value for part in str(value).split()]
        except ImproperlyConfigured:  # a key is gone: nobody can read it, so nobody can tell it
            continue
    return found


def _installation_secrets() -> list[str]:
    database = settings.DATABASES["default"]
    redis = urlsplit(settings.REDIS_URL).password or ""
    mail = getattr(settings, "EMAIL_HOST_PASSWORD", "") or ""
    keys = [settings.SECRET_KEY, *settings.WAYMARK_ENCRYPTION_KEYS, str(database.get("PASSWORD") or ""), redis, mail]
    return [form for key in keys for form in {key, unquote(key)}]
