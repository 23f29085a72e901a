"""The door Meta knocks at: handshake by GET, events by POST. Answers at once; a worker does the rest."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks import actions
from channels_app.webhooks.models import Refusal
from channels_app.webhooks.receiving import MAX_BYTES

HOT_FIELDS = ("workspace_id", "app_secret", "webhook_heard_at")  # all an event needs: the other secrets stay encrypted


@csrf_exempt  # Meta has no session; the signature over the raw bytes proves who calls
@require_http_methods(["GET", "POST"])
def whatsapp(request: HttpRequest, webhook_key: UUID) -> HttpResponse:
    """Reference sections 4.1 to 4.3: 200 with the challenge or empty, 403 wrong token, 401 wrong signature, 413 too large."""
    credentials = get_object_or_404(ApiCredentials.objects.only(*HOT_FIELDS), webhook_key=webhook_key)
    try:
        return _handshake(request, credentials) if request.method == "GET" else _events(request, credentials)
    except actions.CallRefused as refused:
        return HttpResponse(status=403 if request.method == "GET" else refused.status)


def _handshake(request: HttpRequest, credentials: ApiCredentials) -> HttpResponse:
    challenge = actions.answer_challenge(
        credentials,
        mode=request.GET.get("hub.mode", ""),
        token=request.GET.get("hub.verify_token", ""),
        challenge=request.GET.get("hub.challenge", ""),
    )
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")


def _events(request: HttpRequest, credentials: ApiCredentials) -> HttpResponse:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        raw = request.read(MAX_BYTES + 1) if length <= MAX_BYTES else b""
    except (ValueError, OSError, RawPostDataException):
        return HttpResponse(status=400)
    if length > MAX_BYTES or len(raw) > MAX_BYTES:
        try:
            actions.refuse(credentials, Refusal.Reason.TOO_LARGE)
        except actions.CallRefused:
            return HttpResponse(status=413)
    actions.receive(credentials, raw, request.headers.get("X-Hub-Signature-256"))
    return HttpResponse(status=200)
