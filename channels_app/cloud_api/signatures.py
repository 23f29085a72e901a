"""Signatures of Meta's webhooks and of our calls. Pure; reference sections 1.2 and 4.2 hold the test vectors."""

import hashlib
import hmac

PREFIX = "sha256="


def sign(app_secret: str, raw_body: bytes) -> str:
    """The value of X-Hub-Signature-256 for exactly these bytes."""
    return PREFIX + hmac.new(app_secret.encode(), raw_body, hashlib.sha256).hexdigest()


def verify(app_secret: str, raw_body: bytes, header: str | None) -> bool:
    """Whether the header is the signature of these raw bytes, compared in constant time."""
    if not app_secret or not header or not header.startswith(PREFIX):
        return False
    return hmac.compare_digest(sign(app_secret, raw_body).encode(), header.strip().lower().encode())


def appsecret_proof(app_secret: str, access_token: str) -> str:
    """Lower-case hex HMAC-SHA256 with the app secret as key and the token as message."""
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()
