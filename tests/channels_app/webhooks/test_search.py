"""Searching the vault: any text, a bounded stretch at a time, only for those who manage accounts."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks import searching
from channels_app.webhooks.models import WebhookBody
from console.kit import clock
from console.kit.keyset import Cursor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.accounts import make_credentials
from tests.factories.workspaces import make_member, make_workspace

RAW = b'{"id":"wamid.HBgLMTU1+/x=","from":"447700900118","text":"caf\\u00e9 100% _under","url":"https:\\/\\/a.example"}'


@pytest.fixture
def credentials(workspace: Workspace) -> ApiCredentials:
    return make_credentials(workspace)


def keep(credentials: ApiCredentials, raw: bytes, *, ago: int = 0, **fields: Any) -> WebhookBody:
    return WebhookBody.objects.create(
        workspace=credentials.workspace,
        credentials=credentials,
        sha256=hashlib.sha256(raw).hexdigest(),
        body=raw,
        received_at=clock.now() - timedelta(minutes=ago),
        **fields,
    )


def found(workspace: Workspace, words: str, back: str = "") -> searching.Scan:
    return searching.scan(WebhookBody.objects.filter(workspace=workspace), words, back)


@pytest.mark.parametrize(
    "words",
    [
        "wamid.HBgLMTU1+/x=",
        "+44 7700 900118",
        "(44) 7700-900118",
        "café",
        "100% _under",
        "https://a.example",
        '"from":"4',
    ],
)
def test_finds_what_is_there_however_meta_writes_it(credentials: ApiCredentials, words: str) -> None:
    body = keep(credentials, RAW)
    keep(credentials, b'{"other":1}')
    assert found(credentials.workspace, words).ids == (body.pk,)


@pytest.mark.parametrize(
    "words",
    [
        ".*",
        "w.mid",
        "%%%",
        "___",
        "a' OR 1=1 --",
        "\\",
        "\\u0000",
        "x" * 200,
        "😀😀😀",
        "wamid.hbg",
        "('",
        "[a-z]+",
        "\ud800ab",
    ],
)
def test_patterns_and_tricks_are_only_text(credentials: ApiCredentials, words: str) -> None:
    keep(credentials, RAW.replace(b"_under", b"").replace(b"\\/", b""))
    assert found(credentials.workspace, words).ids == ()


def test_by_the_number_of_a_body(credentials: ApiCredentials) -> None:
    keep(credentials, b"{}", pk=123456)
    assert found(credentials.workspace, "123456").ids == (123456,)


def test_says_how_far_it_looked_and_goes_on_there(credentials: ApiCredentials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SCAN_BODIES", 3)
    old = keep(credentials, b'{"needle":1}', ago=99)
    for minute in range(5):
        keep(credentials, b'{"hay":%d}' % minute, ago=minute)
    first = found(credentials.workspace, "needle")
    assert (first.ids, first.looked) == ((), 3) and first.further
    second = found(credentials.workspace, "needle", first.further)
    assert (second.ids, second.looked, second.further) == ((old.pk,), 3, "")
    assert second.back_to == old.received_at


def test_large_bodies_end_the_stretch_sooner(credentials: ApiCredentials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SCAN_BYTES", 1_000)
    for minute in range(3):
        keep(credentials, b'{"x":"%s%d"}' % (b"y" * 800, minute), ago=minute)
    assert found(credentials.workspace, "yyy").looked == 1


@pytest.mark.parametrize(
    "back",
    [
        "x",
        "e30",
        Cursor("never", 1).encode(),
        Cursor("0001-01-01T00:00:00+14:00", 1).encode(),
        Cursor("2026-01-01", 2**70).encode(),
    ],
)
def test_a_strange_mark_begins_at_the_newest(credentials: ApiCredentials, back: str) -> None:
    body = keep(credentials, RAW)
    assert found(credentials.workspace, "wamid", back).ids == (body.pk,)


def test_other_workspaces_are_not_searched(credentials: ApiCredentials) -> None:
    keep(credentials, RAW)
    assert found(make_workspace(), "wamid").ids == ()


def test_page_searches_only_for_those_who_manage(
    credentials: ApiCredentials, owner_client: Client, client_of: Callable[[User], Client]
) -> None:
    body, _other = keep(credentials, RAW), keep(credentials, b'{"other":1}')
    url = reverse("webhooks:list", args=[credentials.workspace.slug])
    for words in ("wamid.HBg", "447700900118", "wamid\x00.HBg", " wamid.HBg "):
        page = owner_client.get(url, {"q": words})
        assert [row.pk for row in page.context["list"].rows] == [body.pk]
    assert "Looked through 2 bodies" in page.content.decode()
    assert "at least 3 characters" in owner_client.get(url, {"q": "wa"}).content.decode()
    viewer = client_of(make_member(credentials.workspace, Role.VIEWER)).get(url, {"q": "wamid.HBg"})
    assert len(viewer.context["list"].rows) == 2 and "Looked through" not in viewer.content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 3),
        ({"state": "stored"}, 1),
        ({"state": "partly"}, 1),
        ({"field": "messages"}, 2),
        ({"field": "account_update"}, 1),
        ({"field": "no_such_field"}, 0),
        ({"since": "0001-01-01", "until": "9999-12-31"}, 3),
        ({"until": "2020-02-29"}, 0),
        ({"credentials": "9" * 30}, 0),
        ({"cursor": "junk"}, 3),
    ],
)
def test_filters(credentials: ApiCredentials, owner_client: Client, query: dict[str, str], count: int) -> None:
    keep(credentials, b"1", fields=" messages ", status="applied")
    keep(credentials, b"2", fields=" account_update messages ", status="partly")
    keep(credentials, b"3")
    page = owner_client.get(reverse("webhooks:list", args=[credentials.workspace.slug]), query)
    assert page.status_code == 200 and len(page.context["list"].rows) == count


def test_the_page_reads_no_bytes_and_costs_the_same(credentials: ApiCredentials, owner_client: Client) -> None:
    url = reverse("webhooks:list", args=[credentials.workspace.slug])
    keep(credentials, b"{}")
    owner_client.get(url)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            owner_client.get(url)
        counts.append(len(queries))
        for at in range(20):
            keep(credentials, b'{"n":%d}' % (at + 100 * len(counts)))
    assert counts[0] == counts[1]
    assert not any('"webhooks_webhookbody"."body"' in query["sql"] for query in queries.captured_queries)
