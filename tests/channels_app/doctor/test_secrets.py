"""No secret of a workspace or of the installation, nor a piece of one, leaves through an examination."""

import io
import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient
from channels_app.doctor import actions
from channels_app.doctor.masking import MASK, Mask, mask_of
from channels_app.doctor.models import Examination
from console.alerts.models import Alert, Endpoint
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.accounts import make_account, make_credentials, make_phone_number

PIECE = 6
PERSON = "447700900777"


def _random() -> str:
    """Letters only: a piece of a secret made of digits could be part of a time."""
    return "".join(secrets.choice("ghijkmnpqrstuvwxyzGHJKLMNPQRSTUVWXYZ") for _ in range(40))


@pytest.fixture
def planted(workspace: Workspace, settings: Any) -> list[str]:
    """Every secret a workspace and its installation can have, each one known to this test."""
    names = ("app_secret", "access_token", "former_secrets", "verify_token", "next_access_token", "next_app_secret")
    values = {name: _random() for name in names}
    credentials = make_credentials(workspace, name="Lumen", token_hint="", **values)
    account = make_account(workspace, credentials, waba_id="210100000000002")
    make_phone_number(workspace, account, display_number="+44 7700 900118")
    endpoint = Endpoint.objects.create(
        workspace=workspace, name="Ops", url="https://ops.example/in", secret=_random(), created_at=clock.now()
    )
    settings.REDIS_URL = f"redis://:{_random()}@cache.example:6379/0"
    settings.EMAIL_HOST_PASSWORD = _random()
    settings.SECRET_KEY = _random()
    settings.DATABASES["default"]["PASSWORD"] = _random()
    found = [*values.values(), str(credentials.webhook_key), credentials.webhook_key.hex, endpoint.secret]
    found += [settings.EMAIL_HOST_PASSWORD, settings.SECRET_KEY, settings.DATABASES["default"]["PASSWORD"]]
    return [*found, settings.REDIS_URL.split(":")[2].partition("@")[0], *settings.WAYMARK_ENCRYPTION_KEYS]


@pytest.fixture(autouse=True)
def _forgetful(settings: Any) -> Any:
    before = settings.DATABASES["default"].get("PASSWORD", "")
    yield
    settings.DATABASES["default"]["PASSWORD"] = before


@pytest.fixture
def talkative_meta(planted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A Meta whose every error quotes what it was sent, half of it, and a person's number."""

    def answer(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"]
        if request.url.path.endswith("/debug_token"):
            data = {"app_id": "430000000000004", "type": "SYSTEM_USER", "is_valid": True, "expires_at": 0, "scopes": []}
            return httpx.Response(200, json={"data": data})
        said = f"Malformed {token}, query {request.url.query.decode()}, key {planted[6]}, half {planted[1][5:19]}, to +{PERSON}"
        return httpx.Response(400, json={"error": {"code": 100, "message": said, "error_data": {"details": said}}})

    monkeypatch.setattr(ManagementClient, "default_transport", httpx.MockTransport(answer))


def pieces(planted: list[str]) -> set[str]:
    return {secret[at : at + PIECE] for secret in planted for at in range(len(secret) - PIECE + 1)}


def assert_clean(text: str, planted: list[str]) -> None:
    told = [piece for piece in pieces(planted) if piece in text]
    assert not told
    assert PERSON not in text


@pytest.mark.usefixtures("talkative_meta")
@pytest.mark.parametrize("options", [{}, {"verbose": True}, {"format": "json"}])
def test_the_command_tells_none(
    workspace: Workspace, planted: list[str], caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", workspace=workspace.slug, stdout=out, stderr=out, **options)
    assert "210100000000002" in out.getvalue() or not options  # Meta's ids stay
    assert_clean(out.getvalue(), planted)
    assert_clean(caplog.text, planted)


@pytest.mark.usefixtures("talkative_meta")
def test_page_export_rows_and_alert_tell_none(
    workspace: Workspace, planted: list[str], owner_client: Client, actor: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    examination = actions.request_examination(actor=actor, workspace=workspace, trigger=Examination.Trigger.DAILY)
    assert actions.run_examination(actor=actor, examination=examination)
    examination.refresh_from_db()
    page = owner_client.get(reverse("doctor:page", args=[workspace.slug])).content.decode()
    export = owner_client.get(reverse("doctor:export", args=[workspace.slug, examination.pk])).content.decode()
    alert = Alert.objects.get(kind="doctor.failed")
    audited = json.dumps(list(AuditEntry.objects.values_list("changes", flat=True)))
    csrf = page.count("csrfmiddlewaretoken")
    assert csrf  # its values are random: they are cut out before pieces are looked for
    for text in (_without_tokens(page), export, json.dumps(examination.results), json.dumps(alert.facts), audited):
        assert_clean(text, planted)
    assert "+44 7700 900118" in page  # our own sender stays
    assert_clean(caplog.text, planted)


def _without_tokens(page: str) -> str:
    parts = page.split('csrfmiddlewaretoken" value="')
    return parts[0] + "".join(part[64:] for part in parts[1:])


def test_a_mask_hides_pieces_tokens_passwords_and_numbers() -> None:
    mask = Mask(["correct-horse-battery"], ["+44 7700 900118", "210100000000002"])
    assert mask.text("it was horse-bat here") == f"it was {MASK} here"
    assert mask.text("redis://user:hunter2@cache:6379") == f"redis://{MASK}@cache:6379"
    assert mask.text("Bearer EAAabcdefghijklmnop") == MASK
    assert mask.prose("from +44 7700 900118 to +44 7700 900777") == f"from +44 7700 900118 to {MASK}"
    assert mask.prose("object 210100000000002, person 447700900777") == f"object 210100000000002, person {MASK}"
    assert mask.value({"details": "to 447700900777", "host": "a.example"}) == {
        "details": f"to {MASK}",
        "host": "a.example",
    }


def test_another_workspaces_secrets_are_not_even_read(
    workspace: Workspace, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    make_credentials(workspace)
    with django_assert_max_num_queries(12):
        mask_of(workspace)
    assert ApiCredentials.objects.count() == 1
