"""The management client: paging, proofs, typed results, refusals."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import AddressRefused, CloudApiError, ObjectMissing, Outcome, Unreadable
from tests.factories.accounts import fake_meta, meta_token


def client(answers: dict[str, Any]) -> ManagementClient:
    return ManagementClient("token", "secret", transport=fake_meta(answers))


def test_templates_are_paged_until_next_is_absent() -> None:
    pages: Iterator[dict[str, Any]] = iter(
        [
            {"data": [{"id": "1"}], "paging": {"cursors": {"after": "A"}, "next": "https://graph/?access_token=x"}},
            {"data": [{"id": "2"}, "junk"], "paging": {"cursors": {"after": "B"}}},
        ]
    )
    asked: list[str] = []

    def page(request: httpx.Request) -> tuple[int, dict[str, Any]]:
        asked.append(request.url.params.get("after", ""))
        return 200, next(pages)

    with client({"GET 21/message_templates": page}) as meta:
        assert [row["id"] for row in meta.templates("21")] == ["1", "2"]
    assert asked == ["", "A"]


def test_each_call_is_proven_and_authorized() -> None:
    def node(request: httpx.Request) -> tuple[int, dict[str, Any]]:
        assert request.headers["authorization"] == "Bearer token"
        assert len(request.url.params["appsecret_proof"]) == 64
        return 200, {"id": "21", "name": "Demo", "account_review_status": "APPROVED", "unheard_of": {"x": 1}}

    with client({"GET 21": node}) as meta:
        waba = meta.waba("21")
    assert (waba.name, waba.review_status, waba.facts["unheard_of"]) == ("Demo", "APPROVED", {"x": 1})


def test_debug_token_uses_the_app_token() -> None:
    def debug(request: httpx.Request) -> tuple[int, dict[str, Any]]:
        assert request.headers["authorization"] == "Bearer 43|secret"
        scopes = [{"scope": "whatsapp_business_management", "target_ids": ["21", "22"]}, {"scope": "x"}]
        return meta_token(granular_scopes=scopes, expires_at=1790000000)

    with client({"GET debug_token": debug}) as meta:
        token = meta.debug_token("43")
    assert token.is_valid and token.waba_ids == ("21", "22")
    assert token.expires_at and token.expires_at.year == 2026


def test_numbers_tolerate_missing_fields() -> None:
    with client({"GET 21/phone_numbers": (200, {"data": [{"id": 32}]})}) as meta:
        (number,) = meta.phone_numbers("21")
    assert (number.id, number.status, number.throughput_level) == ("32", "", "")


def test_unknown_id_is_object_missing() -> None:
    with client({}) as meta, pytest.raises(ObjectMissing):
        meta.waba("99")


def test_html_is_unreadable_and_redirects_are_not_followed() -> None:
    for status in (200, 302, 503):
        transport = httpx.MockTransport(lambda _, status=status: httpx.Response(status, content=b"<html>"))
        with ManagementClient("token", transport=transport) as meta, pytest.raises(Unreadable):
            meta.waba("21")


@pytest.mark.parametrize(
    ("broken", "outcome"),
    [
        (httpx.ConnectError, Outcome.RETRY_SOON),
        (httpx.ReadTimeout, Outcome.UNKNOWN),
        (httpx.ReadError, Outcome.UNKNOWN),
    ],
)
def test_broken_network(broken: type[httpx.HTTPError], outcome: Outcome) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise broken("x")

    with (
        ManagementClient("token", transport=httpx.MockTransport(handle)) as meta,
        pytest.raises(CloudApiError) as caught,
    ):
        meta.waba("21")
    assert caught.value.outcome == outcome


def test_private_address_is_refused(settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    settings.GRAPH_BASE_URL = "http://localhost:9"
    with ManagementClient("token") as meta, pytest.raises(AddressRefused):
        meta.waba("21")
