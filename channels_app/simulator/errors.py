"""Meta's error envelope and the texts of the codes the simulator can answer (reference sections 1.7 and 6)."""

from __future__ import annotations

import base64
import os
from typing import Any

# code -> (HTTP status, title). Titles follow Meta's error page; clients must key on code and details.
CATALOGUE: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "Application request limit reached"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    200: (403, "You do not have the necessary permissions required to send messages on behalf of this account"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    80008: (400, "There have been too many calls to this WhatsApp Business account"),
    130403: (400, "Business has blocked the user"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "WhatsApp provided number needs display name approval before message can be sent"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131059: (400, "Invalid cursor"),
    131062: (400, "Business-scoped User ID recipients are not supported for this message"),
    131064: (400, "Messaging limited because of template classification violations"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132007: (400, "Template content policy violation"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "Template parameters are not valid"),
    132068: (400, "Flow is blocked"),
    133000: (500, "Incomplete Deregistration"),
    133004: (503, "Server temporarily unavailable"),
    133005: (400, "Two step verification PIN Mismatch"),
    133006: (400, "Phone number re-verification needed"),
    133008: (400, "Too many two step verification PIN guesses"),
    133009: (400, "Two step verification PIN guessed too fast"),
    133010: (400, "Phone number not registered"),
    133015: (400, "Please wait a few minutes before attempting to register this phone number"),
    133016: (400, "Account register deregister rate limit exceeded"),
    135000: (400, "Generic user error"),
    136024: (400, "Request code error"),
    136025: (400, "Verify code error"),
    137000: (400, "Recipient identity key hash mismatch"),
}

# The longer sentence that arrives as `error_data.details` when the place that fails has nothing more precise to say.
DETAILS: dict[int, str] = {
    130429: "Message failed to send because there were too many messages sent from this phone number in a short "
    "period of time",
    130472: "Failed to send message because this user's phone number is part of an experiment",
    131000: "Something went wrong. Try again later.",
    131016: "Service is temporarily unavailable. Try again later.",
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied to this "
    "number.",
    131048: "Message failed to send because there are restrictions on how many messages can be sent from this phone "
    "number. This may be because too many previous messages were blocked or flagged as spam.",
    131049: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    131050: "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp "
    "from your business",
    131053: "Media upload error",
    131056: "Message failed to send because there were too many messages sent from this phone number to the same phone "
    "number in a short period of time.",
    133000: "A previous deregistration attempt failed. Deregister the number again before registering it.",
    133005: "The two-step verification PIN was incorrect.",
    133006: "The phone number needs to be verified before registering.",
    133010: "The phone number is not registered on the WhatsApp Business Platform.",
    133015: "The phone number you are attempting to register was recently deleted, and deletion has not yet completed. "
    "Wait 5 minutes before trying again.",
    133016: "Registration or deregistration failed because there were too many attempts for this phone number in a "
    "short period of time. The number is blocked for 72 hours.",
}

HREF = "/documentation/business-messaging/whatsapp/support/error-codes"


def trace_id() -> str:
    """Make an `fbtrace_id` of Meta's look."""
    return "A" + base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")


class GraphError(Exception):
    """One refusal of the Graph surface: carries everything its envelope needs."""

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        message: str = "",
        http: int = 0,
        kind: str = "OAuthException",
        subcode: int = 0,
        headers: dict[str, str] | None = None,
    ) -> None:
        catalogue_http, title = CATALOGUE.get(code, (400, "Unknown error"))
        self.code = code
        self.http = http or catalogue_http
        self.message = message or f"(#{code}) {title}"
        self.details = details or ("" if message else DETAILS.get(code, ""))
        self.kind = kind
        self.subcode = subcode
        self.headers = headers or {}
        super().__init__(self.message)

    def envelope(self) -> dict[str, Any]:
        """Give the body `{"error": {...}}`."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode:
            error["error_subcode"] = self.subcode
        error["fbtrace_id"] = trace_id()
        return {"error": error}


def unknown_object(object_id: str, verb: str) -> GraphError:
    """Answer for an id that does not exist or is out of the token's reach: 400 with 100/33, never 404."""
    return GraphError(
        100,
        message=f"Unsupported {verb.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due "
        "to missing permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api",
        kind="GraphMethodException",
        subcode=33,
    )


def status_error(code: int) -> dict[str, Any]:
    """Give one element of `errors[]` of a failed status."""
    title = CATALOGUE.get(code, (400, "Unknown error"))[1]
    details = DETAILS.get(code, title)
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}, "href": HREF}
