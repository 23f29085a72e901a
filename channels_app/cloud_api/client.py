"""Reads and changes accounts, numbers, templates, subscriptions and media at Meta: the synchronous client.

Sources: reference/meta-cloud-api.md sections 1.2, 1.4, 1.6, 2.7, 3.1. Never logs a token: httpx's own log is at WARNING.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

import httpx
from django.conf import settings

from channels_app.cloud_api.addresses import check_host
from channels_app.cloud_api.errors import ConnectionCut, NotConnected, Timeout, Unreadable, graph_error
from channels_app.cloud_api.results import (
    AppSubscription,
    BusinessPortfolio,
    Json,
    Number,
    Page,
    SubscribedApp,
    TokenInfo,
    Waba,
)
from channels_app.cloud_api.signatures import appsecret_proof
from channels_app.cloud_api.usage import Usage, usage_of

TIMEOUT = httpx.Timeout(connect=5.0, write=20.0, read=30.0, pool=5.0)
PAGE_SIZE = 100
MAX_PAGES = 1000  # a list that never ends is a fault of the other side
WABA_FIELDS = (
    "id,name,currency,timezone_id,country,message_template_namespace,account_review_status,"
    "business_verification_status,ownership_type,status,primary_funding_id,owner_business_info,on_behalf_of_business_info,"
    "health_status"
)
PORTFOLIO_FIELDS = "id,name,verification_status,whatsapp_business_manager_messaging_limit"
NUMBER_FIELDS = (
    "id,display_phone_number,verified_name,status,quality_rating,throughput,whatsapp_business_manager_messaging_limit,"
    "name_status,code_verification_status,account_mode,platform_type,is_official_business_account,is_pin_enabled,"
    "webhook_configuration,last_onboarded_time,health_status,is_on_biz_app,username"
)
TEMPLATE_FIELDS = (
    "id,name,language,status,category,previous_category,correct_category,components,parameter_format,quality_score,"
    "rejected_reason,message_send_ttl_seconds"
)


class ManagementClient:
    """Calls with one access token. Every method raises CloudApiError. Close it with `close()` or `with`.

    `app_secret` adds appsecret_proof to each call. Redirects are not followed; private addresses are refused unless
    ALLOW_PRIVATE_ADDRESSES is on.
    """

    # What every new client sends through instead of the network: tests set a fake transport here, nothing else does.
    default_transport: ClassVar[httpx.BaseTransport | None] = None

    def __init__(
        self, access_token: str, app_secret: str = "", *, transport: httpx.BaseTransport | None = None
    ) -> None:
        transport = transport or self.default_transport
        self._access_token = access_token
        self._app_secret = app_secret
        self._checks_host = transport is None
        self._http = httpx.Client(
            base_url=f"{settings.GRAPH_BASE_URL.rstrip('/')}/{settings.GRAPH_VERSION}/",
            timeout=TIMEOUT,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
            headers={"accept": "application/json", "user-agent": "waymark"},
        )
        self.usage: Usage | None = None

    # --- tokens -----------------------------------------------------------------------------------------------
    def debug_token(self, app_id: str) -> TokenInfo:
        """What Meta says about this client's token, asked with the app token of `app_id` and the app secret."""
        params = {"input_token": self._access_token}
        return TokenInfo.of(self._call("GET", "debug_token", params=params, token=self._app_token(app_id)))

    # --- accounts and numbers ---------------------------------------------------------------------------------
    def waba(self, waba_id: str) -> Waba:
        return Waba.of(self._call("GET", waba_id, params={"fields": WABA_FIELDS}))

    def portfolio(self, portfolio_id: str) -> BusinessPortfolio:
        """A business portfolio; the token needs business_management."""
        return BusinessPortfolio.of(self._call("GET", portfolio_id, params={"fields": PORTFOLIO_FIELDS}))

    def owned_wabas(self, portfolio_id: str) -> Iterator[Waba]:
        """The WABAs that belong to the portfolio, as far as the token sees them."""
        return map(Waba.of, self._rows(f"{portfolio_id}/owned_whatsapp_business_accounts", {"fields": WABA_FIELDS}))

    def client_wabas(self, portfolio_id: str) -> Iterator[Waba]:
        """The WABAs of other businesses that are shared with the portfolio."""
        return map(Waba.of, self._rows(f"{portfolio_id}/client_whatsapp_business_accounts", {"fields": WABA_FIELDS}))

    def phone_numbers(self, waba_id: str) -> Iterator[Number]:
        """All numbers of a WABA, page by page."""
        for row in self._rows(f"{waba_id}/phone_numbers", {"fields": NUMBER_FIELDS}):
            yield Number.of(row)

    def number(self, phone_number_id: str) -> Number:
        return Number.of(self._call("GET", phone_number_id, params={"fields": NUMBER_FIELDS}))

    # --- the registration ladder ------------------------------------------------------------------------------
    def add_number(self, waba_id: str, *, country_code: str, number: str, verified_name: str) -> str:
        """Adds a phone number to a WABA; gives its id. It can send once it is verified and registered."""
        form = {"cc": country_code, "phone_number": number, "verified_name": verified_name}
        return Number.of(self._call("POST", f"{waba_id}/phone_numbers", form=form)).id

    def request_code(self, phone_number_id: str, *, method: str, language: str) -> None:
        """Has Meta call the number (VOICE) or write to it (SMS) with a code."""
        self._call("POST", f"{phone_number_id}/request_code", form={"code_method": method, "language": language})

    def verify_code(self, phone_number_id: str, *, code: str) -> None:
        self._call("POST", f"{phone_number_id}/verify_code", form={"code": code})

    def register(self, phone_number_id: str, *, pin: str, data_localization_region: str = "") -> None:
        """Registers the number with the Cloud API; sets its two-step PIN, or checks it where one is set."""
        form = {"messaging_product": "whatsapp", "pin": pin}
        if data_localization_region:
            form["data_localization_region"] = data_localization_region
        self._call("POST", f"{phone_number_id}/register", form=form)

    def deregister(self, phone_number_id: str) -> None:
        self._call("POST", f"{phone_number_id}/deregister")

    def set_pin(self, phone_number_id: str, *, pin: str) -> None:
        self._call("POST", phone_number_id, form={"pin": pin})

    def node(self, object_id: str, fields: str = "id,name") -> Json:
        """Any node, as Meta gives it: tells, for example, a portfolio from a WABA."""
        return self._call("GET", object_id, params={"fields": fields})

    # --- templates --------------------------------------------------------------------------------------------
    def templates(self, waba_id: str, *, fields: str = TEMPLATE_FIELDS) -> Iterator[Json]:
        """All templates of a WABA as Meta gives them, page by page; the absence of `next` ends the list."""
        return self._rows(f"{waba_id}/message_templates", {"fields": fields})

    # --- webhook subscriptions --------------------------------------------------------------------------------
    def subscribed_apps(self, waba_id: str) -> list[SubscribedApp]:
        return [SubscribedApp.of(row) for row in self._rows(f"{waba_id}/subscribed_apps", {})]

    def subscribe_app(self, waba_id: str) -> None:
        """Has this token's app get the webhooks of the WABA; without it nothing arrives. Safe to repeat."""
        self._call("POST", f"{waba_id}/subscribed_apps")

    def unsubscribe_app(self, waba_id: str) -> None:
        self._call("DELETE", f"{waba_id}/subscribed_apps")

    def override_account(self, waba_id: str, *, callback_url: str, verify_token: str) -> None:
        """Subscribes the app and sends `messages` of this WABA elsewhere; Meta makes the handshake before it answers.

        `subscribe_app` takes the override back.
        """
        form = {"override_callback_uri": callback_url, "verify_token": verify_token}
        self._call("POST", f"{waba_id}/subscribed_apps", form=form)

    def override_number(self, phone_number_id: str, *, callback_url: str, verify_token: str) -> None:
        """Sends `messages` of one number elsewhere, after the handshake; an empty address takes that back."""
        override = {"override_callback_uri": callback_url, "verify_token": verify_token}
        self._call("POST", phone_number_id, form={"webhook_configuration": json.dumps(override)})

    def app_subscription(self, app_id: str) -> AppSubscription:
        """Where Meta posts the WhatsApp webhooks of the app, and which fields; empty when nothing is subscribed."""
        rows = self._call("GET", f"{app_id}/subscriptions", token=self._app_token(app_id)).get("data")
        return AppSubscription.of(rows if isinstance(rows, list) else [])

    def delete_app_subscription(self, app_id: str) -> None:
        """Takes the app's webhook address away: nothing is posted any more, for any WABA."""
        params = {"object": "whatsapp_business_account"}
        self._call("DELETE", f"{app_id}/subscriptions", params=params, token=self._app_token(app_id))

    def set_app_subscription(self, app_id: str, *, callback_url: str, verify_token: str, fields: Sequence[str]) -> None:
        """Sets the app's webhook address; Meta calls it with the handshake before it answers."""
        form = {
            "object": "whatsapp_business_account",
            "callback_url": callback_url,
            "verify_token": verify_token,
            "fields": ",".join(fields),
        }
        self._call("POST", f"{app_id}/subscriptions", form=form, token=self._app_token(app_id))

    # --- the call ---------------------------------------------------------------------------------------------
    def _app_token(self, app_id: str) -> str:
        return f"{app_id}|{self._app_secret}"

    def _rows(self, path: str, params: Mapping[str, str]) -> Iterator[Json]:
        after = ""
        for _page in range(MAX_PAGES):
            query = {**params, "limit": str(PAGE_SIZE), **({"after": after} if after else {})}
            page = Page.of(self._call("GET", path, params=query))
            yield from page.rows
            if not page.after or page.after == after:
                return
            after = page.after

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Any = None,
        token: str = "",
    ) -> Json:
        token = token or self._access_token
        query = dict(params or {})
        if self._app_secret:
            query["appsecret_proof"] = appsecret_proof(self._app_secret, token)
        try:
            if self._checks_host:
                check_host(self._http.base_url.host, self._http.base_url.port or 443)
            response = self._http.request(
                method, path, params=query, data=form, files=files, headers={"authorization": f"Bearer {token}"}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotConnected(type(error).__name__) from error
        except httpx.TimeoutException as error:
            raise Timeout(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise ConnectionCut(type(error).__name__) from error
        except (OSError, httpx.InvalidURL) as error:
            raise NotConnected(type(error).__name__) from error
        self.usage = usage_of(response.headers) or self.usage
        return _body(response)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _body(response: httpx.Response) -> Json:
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    if response.status_code >= 400 or (isinstance(body, dict) and "error" in body):
        raise graph_error(body, response.status_code, response.headers)
    if not isinstance(body, dict) or response.status_code >= 300:
        raise Unreadable(f"HTTP {response.status_code} without JSON", response.status_code)
    return body
