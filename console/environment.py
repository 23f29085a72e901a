"""Reads environment variables for the settings; a wrong one becomes one plain sentence."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environs
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


class Environment:
    """Typed reads over environs, each refusing a wrong value with a sentence that names the variable.

    Every name that was asked for is kept in `names`, so that a test can hold docs/settings.md against it.
    """

    def __init__(self) -> None:
        self._env = environs.FileAwareEnv()
        self.names: set[str] = set()

    def _read(self, name: str, reader: Callable[..., T], default: object, wish: str, **options: object) -> T:
        self.names.add(name)
        given = os.environ.get(name)
        if default is None and given is None and not os.environ.get(f"{name}_FILE"):
            raise ImproperlyConfigured(f"{name} is not set. Set it to {wish}; see docs/settings.md.")
        try:
            return reader(name, default, **options)
        except (environs.EnvError, ValueError, OSError) as error:
            raise ImproperlyConfigured(
                f"{name} is wrong: it must be {wish} ({error}). See docs/settings.md."
            ) from error

    def text(self, name: str, default: str | None, wish: str = "a text") -> str:
        return self._read(name, self._env.str, default, wish).strip()

    def boolean(self, name: str, *, default: bool) -> bool:
        return self._read(name, self._env.bool, default, "true or false")

    def list(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name, "", "a list separated by commas").split(",") if part.strip()]

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        wish = f"a whole number from {minimum} to {maximum}"
        value = self._read(name, self._env.int, default, wish)
        if not minimum <= value <= maximum:
            raise ImproperlyConfigured(f"{name} is wrong: it must be {wish}, not {value}. See docs/settings.md.")
        return value

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        return self.pattern(name, default, "|".join(map(re.escape, allowed)), f"one of {', '.join(allowed)}")

    def pattern(self, name: str, default: str, pattern: str, wish: str) -> str:
        value = self.text(name, default, wish)
        if not re.fullmatch(pattern, value):
            raise ImproperlyConfigured(f"{name} is wrong: it must be {wish}, not {value!r}. See docs/settings.md.")
        return value

    def url(self, name: str, default: str | None) -> str:
        wish = "an address such as https://waymark.example.com, without a path"
        value = self.text(name, default, wish).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
            raise ImproperlyConfigured(f"{name} is wrong: it must be {wish}, not {value!r}. See docs/settings.md.")
        return value

    def email_url(self, name: str, default: str) -> dict[str, Any]:
        wish = "an address such as smtp://user:password@host:587"
        config = self._read(name, self._env.dj_email_url, default, wish)
        if not config.get("EMAIL_BACKEND"):
            raise ImproperlyConfigured(f"{name} is wrong: it must be {wish}. See docs/settings.md.")
        return config

    def database_url(self, name: str, default: str) -> dict[str, Any]:
        wish = "an address such as postgres://user:password@host:5432/name"
        return self._read(name, self._env.dj_db_url, default, wish)


env = Environment()


def database_config(data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry: SQLite in WAL mode with immediate transactions, or PostgreSQL."""
    config = env.database_url("DATABASE_URL", f"sqlite:///{data_dir / 'waymark.sqlite3'}")
    engine = config["ENGINE"]
    if engine.endswith("sqlite3"):
        # Immediate transactions queue for the one writer instead of failing when a read becomes a write.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
        }
    elif engine.endswith("postgresql"):
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured(
            "DATABASE_URL is wrong: Waymark runs on SQLite and PostgreSQL. See docs/settings.md."
        )
    return config


def queue_config(redis_url: str, *, workers: int) -> dict[str, Any]:
    """django-q2's settings: tasks only ring the bell, so they may be lost or doubled, never retried blindly.

    A task runs a few seconds; `timeout` < `retry` keeps the ORM broker from starting a second copy of a slow one.
    """
    broker: dict[str, Any] = {"redis": redis_url} if redis_url else {"orm": "default"}
    return {
        "name": "waymark",
        "workers": workers,
        "timeout": 90,
        "retry": 120,
        "max_attempts": 1,
        "ack_failures": True,
        "catch_up": False,
        "save_limit": -1,  # successes are not kept; our own tables say what happened
        "poll": 0.2,
        "recycle": 2000,
        "label": "Waymark",
        "cached": False,
        **broker,
    }


def local_secret(name: str, data_dir: Path, *, is_local: bool, is_fernet: bool = False) -> str:
    """A secret from the environment; on a laptop it is made once and kept in the data directory, readable by its owner."""
    value = env.text(name, "" if is_local else None, "a secret (NAME_FILE reads it from a file)")
    if not value:
        value = _kept_secret(data_dir / f"{name.lower()}.secret", is_fernet=is_fernet)
    if is_fernet:
        for key in value.split(","):
            try:
                Fernet(key)
            except ValueError as error:
                raise ImproperlyConfigured(
                    f"{name} is wrong: each key must be 32 url-safe base64 bytes; `make key` prints one. See docs/settings.md."
                ) from error
    return value


def _kept_secret(path: Path, *, is_fernet: bool) -> str:
    fresh = Fernet.generate_key().decode() if is_fernet else secrets.token_urlsafe(50)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(fresh)
    return fresh


def refuse_unsafe_production(settings: Mapping[str, Any]) -> None:
    """Stops a production start that would expose customers; the sentence says which variable to change."""
    if settings["IS_LOCAL"]:
        return
    if settings["DEBUG"]:
        raise ImproperlyConfigured(
            "WAYMARK_DEBUG must be off when WAYMARK_ENV is production: it shows secrets on error pages."
        )
    if not settings["IS_HTTPS"]:
        raise ImproperlyConfigured(
            "WAYMARK_BASE_URL must start with https:// in production: Meta posts webhooks only there."
        )
    if len(settings["SECRET_KEY"]) < 32:
        raise ImproperlyConfigured("WAYMARK_SECRET_KEY must have at least 32 characters in production.")
