"""Step 3 of connecting: where Meta posts to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels_app.accounts import actions, queries
from channels_app.accounts.wizard import credentials_of, to_step, wizard_context
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor


@access.workspace_view("accounts.view")
def webhook(request: Any, pk: int) -> HttpResponse:
    """Step 3: the address, the verify token (for those who manage accounts), and whether Meta was heard."""
    credentials = credentials_of(request, pk)
    can_manage = access.can(request, "accounts.manage")
    context = wizard_context(request, credentials, "webhook") | {
        "callback_url": queries.callback_url(credentials) if can_manage else "",
        "verify_token": credentials.verify_token if can_manage else "",
        "accounts": credentials.accounts.order_by("name", "pk"),
    }
    return render_page(request, "accounts/webhook.html", context)


@access.workspace_view("accounts.manage", methods=("POST",))
def subscribe(request: Any, pk: int) -> HttpResponse:
    """Subscribes the app and its accounts with one press."""
    credentials = credentials_of(request, pk)
    actions.subscribe_webhook(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    messages.success(request, _("Subscribed the webhook."))
    return to_step("webhook", request, credentials)
