"""The webhook vault: what Meta posted, what became of it, what waits in quarantine."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from channels_app.webhooks import actions, itemizing, queries
from channels_app.webhooks.lists import BodyList
from channels_app.webhooks.models import QuarantinedItem, WebhookBody
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

MOST_SHOWN = 50


@access.workspace_view("accounts.view")
def vault(request: Any) -> HttpResponse:
    """Every body with filters and (for those who manage accounts) search, refused calls, quarantine, unknown numbers."""
    can_manage = access.can(request, "accounts.manage")
    page = BodyList(
        request,
        queries.bodies(request.workspace),
        can_search=can_manage,
        context={"workspace_slug": request.workspace.slug},
    )
    context = {
        "list": page,
        "quarantined": queries.quarantined(request.workspace)[:MOST_SHOWN],
        "unknown_numbers": queries.unknown_numbers(request.workspace),
        "refusals": queries.refusals(request.workspace)[:MOST_SHOWN],
        "can_manage": can_manage,
    }
    return render_page(request, "webhooks/vault.html", context, parts=("list",))


@access.workspace_view("accounts.manage")
def body(request: Any, pk: int) -> HttpResponse:
    """One body with what became of each item: personal data, so only for those who manage accounts."""
    rows = WebhookBody.objects.select_related("credentials", "workspace").defer(*queries.CREDENTIAL_SECRETS)
    row = access.get(request, rows, pk=pk)
    items, item_count = itemizing.item_rows(row)
    context = {
        "row": row,
        "text": queries.pretty(row),
        "items": items,
        "item_count": item_count,
        "is_cut": item_count > len(items),
    }
    return render_page(request, "webhooks/body.html", context)


@access.workspace_view("accounts.manage", methods=("POST",))
def apply_again(request: Any, pk: int) -> HttpResponse:
    item = get_object_or_404(QuarantinedItem.objects.select_related("body"), pk=pk, body__workspace=request.workspace)
    actions.apply_again(actor=Actor.of(request), workspace=request.workspace, quarantined=item)
    messages.success(request, _("Applied the item."))
    return redirect("webhooks:body", workspace_slug=request.workspace.slug, pk=item.body_id)
