"""The webhook vault: what Meta posted, what became of it, what waits in quarantine."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from channels_app.webhooks import actions, queries
from channels_app.webhooks.models import QuarantinedItem, WebhookBody
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

PAGE_SIZE = 50


@access.workspace_view("accounts.view")
def vault(request: Any) -> HttpResponse:
    """The newest bodies, refused calls per day, quarantined items. Keyset paging by `before`."""
    rows = queries.bodies(request.workspace)
    before = request.GET.get("before", "")
    if before.isdecimal():
        last = WebhookBody.objects.filter(workspace=request.workspace, pk=before).values("received_at", "pk").first()
        if last:
            rows = rows.filter(
                Q(received_at__lt=last["received_at"]) | Q(received_at=last["received_at"], pk__lt=last["pk"])
            )
    found = list(rows[: PAGE_SIZE + 1])
    context = {
        "bodies": found[:PAGE_SIZE],
        "before": found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None,
        "is_first": not before,
        "quarantined": queries.quarantined(request.workspace)[:PAGE_SIZE],
        "refusals": queries.refusals(request.workspace)[:PAGE_SIZE],
        "can_manage": access.can(request, "accounts.manage"),
    }
    return render_page(request, "webhooks/vault.html", context, parts=("vault",))


@access.workspace_view("accounts.manage")
def body(request: Any, pk: int) -> HttpResponse:
    """One body, pretty-printed: personal data, so only for those who manage accounts."""
    row = access.get(request, WebhookBody.objects.select_related("credentials"), pk=pk)
    context = {"row": row, "text": queries.pretty(row), "quarantined": row.quarantined.order_by("position")}
    return render_page(request, "webhooks/body.html", context)


@access.workspace_view("accounts.manage", methods=("POST",))
def apply_again(request: Any, pk: int) -> HttpResponse:
    item = get_object_or_404(QuarantinedItem.objects.select_related("body"), pk=pk, body__workspace=request.workspace)
    actions.apply_again(actor=Actor.of(request), workspace=request.workspace, quarantined=item)
    messages.success(request, _("Applied the item."))
    return redirect("webhooks:body", workspace_slug=request.workspace.slug, pk=item.body_id)
