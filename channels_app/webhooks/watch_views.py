"""Whether a connection's webhook works: the test event, and what was heard of it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from channels_app.accounts import queries as account_queries
from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks import actions, queries, self_test_words
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

STOP_POLLING = 286  # htmx: this was the last answer


@access.workspace_view("accounts.view")
def watch(request: Any, pk: int) -> HttpResponse:
    """The last test step by step, the clocks, the fields of each day. Its parts are also parts of the wizard's page."""
    credentials = access.get(request, ApiCredentials, pk=pk)
    test = queries.last_self_test(credentials)
    is_running = test is not None and test.status == "running" and not self_test_words.is_overdue(test)
    days, rows = queries.heard_days(credentials)
    context = {
        "credentials": credentials,
        "test": test,
        "steps": self_test_words.rows(test) if test else [],
        "is_running": is_running,
        "is_overdue": test is not None and self_test_words.is_overdue(test),
        "accounts": account_queries.accounts_with_numbers(credentials),
        "days": days,
        "heard": rows,
        "refusals": queries.refusals(request.workspace, credentials),
        "can_manage": access.can(request, "accounts.manage"),
    }
    response = render_page(request, "webhooks/watch.html", context, parts=("self_test", "heard"))
    if "poll" in request.GET and not is_running:
        response.status_code = STOP_POLLING
    return response


@access.workspace_view("accounts.manage", methods=("POST",))
def start_test(request: Any, pk: int) -> HttpResponse:
    """Sends a test event to our own address."""
    credentials = access.get(request, ApiCredentials, pk=pk)
    actions.start_self_test(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    return redirect("webhooks:watch", workspace_slug=request.workspace.slug, pk=credentials.pk)
