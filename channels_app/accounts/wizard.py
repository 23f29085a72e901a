"""What the pages of the wizard share: the credentials they belong to, the steps, the way between them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from channels_app.accounts import credential_presenting, presenting
from channels_app.accounts.credential_words import KINDS
from channels_app.accounts.models import ApiCredentials
from console.workspaces import access


def credentials_of(request: Any, pk: int) -> ApiCredentials:
    return access.get(request, ApiCredentials, pk=pk)


def to_step(name: str, request: Any, credentials: ApiCredentials) -> HttpResponse:
    return redirect(f"accounts:{name}", workspace_slug=request.workspace.slug, pk=credentials.pk)


def shared_context(request: Any) -> dict[str, Any]:
    return {"can_manage": access.can(request, "accounts.manage")}


def wizard_context(request: Any, credentials: ApiCredentials, step: str) -> dict[str, Any]:
    """Context of accounts/wizard.html; what is known of a token only for those who may replace it."""
    slug = request.workspace.slug
    shared = shared_context(request)
    return shared | {
        "credentials": credentials,
        "token": credential_presenting.hint(credentials) if shared["can_manage"] else "",
        "kind": KINDS.get(credentials.token_type, credentials.token_type),
        "expiry": credential_presenting.expiry(credentials),
        "rotation": credential_presenting.rotation(credentials, slug),
        "failures": credential_presenting.failures(credentials),
        "unanswered": credential_presenting.unanswered(credentials),
        "steps": presenting.steps(credentials, step, slug),
        "step": step,
        "checks": credential_presenting.checks(credentials, slug),
        "check_count": presenting.check_count(credentials.checks),
    }
