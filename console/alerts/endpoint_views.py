"""Outgoing webhooks: the list, one with its log, and what owners do with them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from console.alerts import endpoint_actions, queries
from console.alerts.forms import EndpointForm
from console.alerts.kinds import KINDS
from console.alerts.lists import DeliveryLog
from console.alerts.models import Delivery, Endpoint
from console.alerts.states import DELIVERY
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import workspace_view
from console.workspaces.actors import Actor


@workspace_view("workspace.manage")
def endpoints(request: Any) -> HttpResponse:
    """Every outgoing webhook of the workspace."""
    rows = list(queries.endpoints(request.workspace))
    for row in rows:
        row.last_state = DELIVERY.states.get(row.last_status)  # type: ignore[attr-defined]
    context = {"endpoints": rows, "is_full": len(rows) >= endpoint_actions.MOST_ENDPOINTS}
    return render_page(request, "alerts/endpoints.html", context)


@workspace_view("workspace.manage", methods=("GET", "POST"))
def new_endpoint(request: Any) -> HttpResponse:
    """Makes one, and shows its secret: this once."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        endpoint = endpoint_actions.create_endpoint(**_by(request), **form.cleaned_data)
        return _secret(request, endpoint, endpoint.secret, is_new=True)
    return render_page(request, "alerts/endpoint_form.html", {"form": form}, status=422 if form.is_bound else 200)


@workspace_view("workspace.manage")
def endpoint(request: Any, pk: int) -> HttpResponse:
    """One with its log."""
    row = _endpoint(request, pk)
    log = DeliveryLog(request, queries.deliveries(request.workspace).filter(endpoint=row))
    labels = [str(KINDS[name].label) for name in row.kinds if name in KINDS]
    return render_page(
        request, "alerts/endpoint.html", {"endpoint": row, "list": log, "kinds": labels}, parts=("list",)
    )


@workspace_view("workspace.manage", methods=("GET", "POST"))
def edit_endpoint(request: Any, pk: int) -> HttpResponse:
    row = _endpoint(request, pk)
    form = EndpointForm(request.POST or None, endpoint=row)
    if request.method == "POST" and form.is_valid():
        endpoint_actions.update_endpoint(**_by(request), endpoint=row, **form.cleaned_data)
        messages.success(request, _("Saved the outgoing webhook."))
        return _to(row)
    context = {"form": form, "endpoint": row}
    return render_page(request, "alerts/endpoint_form.html", context, status=422 if form.is_bound else 200)


@workspace_view("workspace.manage", methods=("POST",))
def switch_endpoint(request: Any, pk: int) -> HttpResponse:
    """Turns it on or off, as the posted `is_on` says."""
    row = _endpoint(request, pk)
    if request.POST.get("is_on") == "1":
        endpoint_actions.turn_on(**_by(request), endpoint=row)
        messages.success(request, _("The outgoing webhook is on."))
    else:
        endpoint_actions.turn_off(**_by(request), endpoint=row)
        messages.success(request, _("The outgoing webhook is off. Nothing is sent to it."))
    return _to(row)


@workspace_view("workspace.manage", methods=("POST",))
def roll_secret(request: Any, pk: int) -> HttpResponse:
    """A new secret, shown this once."""
    row = _endpoint(request, pk)
    return _secret(request, row, endpoint_actions.roll_secret(**_by(request), endpoint=row), is_new=False)


@workspace_view("workspace.manage", methods=("POST",))
def try_endpoint(request: Any, pk: int) -> HttpResponse:
    row = _endpoint(request, pk)
    endpoint_actions.send_test(**_by(request), endpoint=row)
    messages.success(request, _("The test is on its way. The log below shows what comes of it."))
    return _to(row)


@workspace_view("workspace.manage", methods=("POST",))
def delete_endpoint(request: Any, pk: int) -> HttpResponse:
    row = _endpoint(request, pk)
    endpoint_actions.delete_endpoint(**_by(request), endpoint=row)
    messages.success(request, _("Deleted the outgoing webhook “%(name)s”.") % {"name": row.name})
    return redirect("alerts:endpoints", workspace_slug=request.workspace.slug)


@workspace_view("workspace.manage", methods=("POST",))
def send_again(request: Any, pk: int) -> HttpResponse:
    delivery = access.get(request, Delivery.objects.select_related("endpoint__workspace"), pk=pk)
    endpoint_actions.send_again(**_by(request), delivery=delivery)
    messages.success(request, _("It is on its way again."))
    return _to(delivery.endpoint)


def _endpoint(request: Any, pk: int) -> Endpoint:
    return access.get(request, Endpoint.objects.select_related("workspace").defer("secret"), pk=pk)


def _by(request: Any) -> dict[str, Any]:
    return {"actor": Actor.of(request), "workspace": request.workspace}


def _to(endpoint: Endpoint) -> HttpResponse:
    return redirect("alerts:endpoint", workspace_slug=endpoint.workspace.slug, pk=endpoint.pk)


def _secret(request: Any, endpoint: Endpoint, secret: str, *, is_new: bool) -> HttpResponse:
    """The page with the secret: rendered by the POST itself, so that it is kept nowhere on the way."""
    context = {"endpoint": endpoint, "secret": secret, "is_new": is_new}
    response = render_page(request, "alerts/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
