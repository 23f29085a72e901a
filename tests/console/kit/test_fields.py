"""Secrets are encrypted at rest, plain in Python, and survive a change of keys."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from channels_app.accounts.models import ApiCredentials
from console.kit import clock
from console.workspaces.models import Workspace


@pytest.fixture
def credentials(workspace: Workspace) -> ApiCredentials:
    return ApiCredentials.objects.create(
        workspace=workspace,
        name="Main",
        app_id="1",
        app_secret="app-secret",
        access_token="EAAplain",
        created_at=clock.now(),
    )


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token FROM accounts_apicredentials")
        return str(cursor.fetchone()[0])


def test_a_secret_is_not_readable_in_the_database(credentials: ApiCredentials) -> None:
    assert "EAAplain" not in stored()
    assert ApiCredentials.objects.get().access_token == "EAAplain"


def test_rotation_re_encrypts_with_the_first_key(credentials: ApiCredentials, settings: Any) -> None:
    old = list(settings.WAYMARK_ENCRYPTION_KEYS)
    new = Fernet.generate_key().decode()
    settings.WAYMARK_ENCRYPTION_KEYS = [new, *old]
    call_command("rotate_encryption_keys")
    settings.WAYMARK_ENCRYPTION_KEYS = [new]
    assert ApiCredentials.objects.get().app_secret == "app-secret"


def test_a_lost_key_says_what_to_do(credentials: ApiCredentials, settings: Any) -> None:
    settings.WAYMARK_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_ENCRYPTION_KEYS lacks the key"):
        ApiCredentials.objects.get()


def test_a_secret_cannot_be_searched(credentials: ApiCredentials) -> None:
    with pytest.raises(TypeError, match="can't be searched"):
        ApiCredentials.objects.filter(access_token__contains="EAA").exists()
