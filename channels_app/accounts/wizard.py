"""What the pages of the wizard share: the credentials they belong to, the steps, the way between them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from channels_app.accounts import presenting
from channels_app.accounts.models import ApiCredentials
from console.workspaces import access


def credentials_of(request: Any, pk: int) -> ApiCredentials:
    return access.get(request, ApiCredentials, pk=pk)


def to_step(name: str, request: Any, credentials: ApiCredentials) -> HttpResponse:
    return redirect(f"accounts:{name}", workspace_slug=request.workspace.slug, pk=credentials.pk)


def shared_context(request: Any) -> dict[str, Any]:
    return {"can_manage": access.can(request, "accounts.manage")}


def wizard_context(request: Any, credentials: ApiCredentials, step: str) -> dict[str, Any]:
    return shared_context(request) | {
        "credentials": credentials,
        "token": presenting.token_line(credentials),
        "steps": presenting.steps(credentials, step, request.workspace.slug),
        "step": step,
        "checks": presenting.checks(credentials.checks),
        "check_count": presenting.check_count(credentials.checks),
    }
