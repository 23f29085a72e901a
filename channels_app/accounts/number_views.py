"""Numbers: the list, one number with all that is known of it, and the ladder that registers it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from channels_app.accounts import actions, number_presenting, number_queries, presenting, registration
from channels_app.accounts.models import PhoneNumber
from channels_app.accounts.number_forms import AddNumberForm, CodeForm, PinForm, RegisterForm, VerifyForm
from channels_app.accounts.number_lists import NumberList
from channels_app.accounts.webhook_presenting import shown
from console.kit import clock
from console.kit.errors import Refused
from console.kit.forms import KitForm
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

FORMS: dict[str, type[KitForm]] = {
    "request_code": CodeForm,
    "verify_code": VerifyForm,
    "register": RegisterForm,
    "set_pin": PinForm,
}


@access.workspace_view("accounts.view")
def numbers(request: Any) -> HttpResponseBase:
    """Every number of the workspace."""
    page = NumberList(
        request,
        number_queries.numbers_with_usage(request.workspace),
        counts=partial(number_queries.number_counts, request.workspace),
        can=partial(access.can, request),
        context={"workspace_slug": request.workspace.slug},
    )
    if page.wants_csv:
        return page.csv_response()
    context = {"list": page, "can_manage": access.can(request, "accounts.manage")}
    return render_page(request, "accounts/numbers.html", context, parts=("list",))


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def new(request: Any) -> HttpResponse:
    """Adds a number to an account at Meta; the ladder goes on at its page."""
    form = AddNumberForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.add_number(actor=Actor.of(request), workspace=request.workspace, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("Added the number. Next: prove that it is yours."))
            return _to_number(request, row)
    return render_page(request, "accounts/number_new.html", {"form": form}, status=422 if form.is_bound else 200)


@access.workspace_view("accounts.view")
def number(request: Any, pk: int) -> HttpResponse:
    """Facts, health by node, limit, the ladder and what changed."""
    return _page(request, _number(request, pk))


def _number(request: Any, pk: int) -> PhoneNumber:
    return access.get(request, PhoneNumber.objects.select_related("workspace", "account__credentials"), pk=pk)


def _to_number(request: Any, row: PhoneNumber) -> HttpResponse:
    return redirect("accounts:number", workspace_slug=request.workspace.slug, pk=row.pk)


def _page(request: Any, row: PhoneNumber, step: str = "", form: KitForm | None = None) -> HttpResponse:
    """The page; with a bound form, that step open with what is wrong."""
    portfolio, now = number_queries.portfolio_of(row), clock.now()
    can_manage = access.can(request, "accounts.manage")
    context = (
        {
            "number": presenting.number(row),
            "row": row,
            "portfolio": portfolio,
            "standing": number_presenting.standing_of(row.account),
            "override_url": shown(row.override_callback_url or row.account.override_callback_url, can_manage),
            "display_name": number_presenting.display_name(row),
            "facts": number_presenting.facts(row, portfolio),
            "health": number_presenting.health(row),
            "usage": number_presenting.usage(row, portfolio),
            "changes": number_presenting.timeline(number_queries.changes(row, portfolio), row.created_at),
            "channels": number_queries.channels_of(row),
            "can_manage": can_manage,
        }
        | _charts(row, portfolio, now)
        | _ladder(request, row, step, form)
    )
    return render_page(request, "accounts/number.html", context, status=422 if form is not None else 200)


def _charts(row: PhoneNumber, portfolio: Any, now: Any) -> dict[str, Any]:
    quality = number_queries.history(row, portfolio, "quality_rating", now)
    limits = number_queries.history(row, portfolio, "messaging_limit", now)
    return {
        "quality_chart": number_presenting.quality_chart(row, quality, now),
        "limit_chart": number_presenting.limit_chart(row, limits, now),
    }


def _ladder(request: Any, row: PhoneNumber, step: str, form: KitForm | None) -> dict[str, Any]:
    attempts = registration.recent_attempts(row)
    stage = registration.stage_of(row, attempts, clock.now())
    asked = step or request.GET.get("step", "")
    is_registered = stage == "registered"
    shown = asked if asked in FORMS and (asked == "set_pin") is is_registered else stage
    unbound = FORMS[shown]() if shown in FORMS else None
    return {
        "stage": stage,
        "ladder": number_presenting.ladder(row, stage, row.workspace.slug) if stage != "closed" else [],
        "turn": number_presenting.turn(row, stage),
        "budget": number_presenting.budget(registration.budget_of(attempts, clock.now())),
        "attempts": number_presenting.attempts(attempts[:10]),
        "step": shown,
        "form": form if form is not None and shown == step else unbound,
    }


def _climb(request: Any, pk: int, step: str, action: Callable[..., None], done: str) -> HttpResponse:
    """One step: its form, its action, and back to the number; refusals stand at the form."""
    row = _number(request, pk)
    form = FORMS[step](request.POST)
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "pin_again"}
        try:
            action(actor=Actor.of(request), workspace=request.workspace, number=row, **values)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, done)
            return _to_number(request, row)
    return _page(request, row, step, form)


@access.workspace_view("accounts.manage", methods=("POST",))
def request_code(request: Any, pk: int) -> HttpResponse:
    return _climb(request, pk, "request_code", actions.request_code, _("Meta sends the code now."))


@sensitive_post_parameters("code")
@access.workspace_view("accounts.manage", methods=("POST",))
def verify_code(request: Any, pk: int) -> HttpResponse:
    return _climb(request, pk, "verify_code", actions.verify_code, _("The number is verified. Register it now."))


@sensitive_post_parameters("pin", "pin_again")
@access.workspace_view("accounts.manage", methods=("POST",))
def register(request: Any, pk: int) -> HttpResponse:
    return _climb(request, pk, "register", actions.register, _("Registered the number with the Cloud API."))


@sensitive_post_parameters("pin", "pin_again")
@access.workspace_view("accounts.manage", methods=("POST",))
def set_pin(request: Any, pk: int) -> HttpResponse:
    return _climb(request, pk, "set_pin", actions.set_pin, _("Changed the PIN."))


@access.workspace_view("accounts.manage", methods=("POST",))
def deregister(request: Any, pk: int) -> HttpResponse:
    row = _number(request, pk)
    actions.deregister(actor=Actor.of(request), workspace=request.workspace, number=row)
    messages.success(request, _("Deregistered the number. Nothing is sent from it any more."))
    return _to_number(request, row)


@access.workspace_view("accounts.manage", methods=("POST",))
def refresh(request: Any, pk: int) -> HttpResponse:
    """Reads the number's account again at Meta."""
    row = _number(request, pk)
    actions.refresh_account(actor=Actor.of(request), workspace=request.workspace, account=row.account)
    messages.success(request, _("Read the account and its numbers from Meta."))
    return _to_number(request, row)
