"""Connecting a Meta account: the list, and the wizard's pages for access, account and sender."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels_app.accounts import actions, presenting, queries
from channels_app.accounts.forms import AccountForm, CredentialsForm, RenewForm
from channels_app.accounts.models import ApiCredentials, WhatsAppAccount
from channels_app.accounts.wizard import credentials_of, shared_context, to_step, wizard_context
from console.kit.errors import Refused
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor


@access.workspace_view("accounts.view")
def accounts(request: Any) -> HttpResponse:
    """Every connection with its accounts and numbers."""
    rows = [
        {
            "row": row,
            "token": presenting.token_line(row),
            "accounts": [presenting.account(account) for account in row.accounts.all()],
            "count": presenting.check_count(row.checks),
            "failed": [check for check in presenting.checks(row.checks) if check["status"] == "failed"],
        }
        for row in queries.credentials_with_accounts(request.workspace)
    ]
    return render_page(request, "accounts/accounts.html", {"rows": rows, **shared_context(request)})


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def new(request: Any) -> HttpResponse:
    """Step 1: adds credentials; the checks run at once."""
    form = CredentialsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = Actor.of(request)
        try:
            credentials = actions.add_credentials(actor=actor, workspace=request.workspace, **form.cleaned_data)
        except Refused as refused:
            form.add_error("name" if refused.code == "accounts.name_taken" else None, str(refused.sentence))
        else:
            actions.check_credentials(actor=actor, workspace=request.workspace, credentials=credentials)
            return to_step("access", request, credentials)
    context = {"form": form, "steps": presenting.steps(None, "access", request.workspace.slug)}
    return render_page(request, "accounts/new.html", context, status=422 if form.is_bound else 200)


@access.workspace_view("accounts.view")
def access_page(request: Any, pk: int) -> HttpResponse:
    """Step 1, stored: facts of the token, each check, renewing."""
    credentials = credentials_of(request, pk)
    return _access_page(request, credentials, RenewForm())


def _access_page(request: Any, credentials: ApiCredentials, form: RenewForm) -> HttpResponse:
    context = wizard_context(request, credentials, "access") | {
        "form": form,
        "is_used": credentials.accounts.exists(),
    }
    return render_page(request, "accounts/access.html", context, status=422 if form.is_bound else 200)


@access.workspace_view("accounts.manage", methods=("POST",))
def check(request: Any, pk: int) -> HttpResponse:
    """Runs the checks again; goes back to the step it was asked from."""
    credentials = credentials_of(request, pk)
    actions.check_credentials(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    step = request.POST.get("step")
    return to_step(step if step in ("senders", "webhook") else "access", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def renew(request: Any, pk: int) -> HttpResponse:
    """Replaces the token and checks it at once."""
    credentials = credentials_of(request, pk)
    form = RenewForm(request.POST)
    if not form.is_valid():
        return _access_page(request, credentials, form)
    actor = Actor.of(request)
    actions.renew_token(actor=actor, workspace=request.workspace, credentials=credentials, **form.cleaned_data)
    actions.check_credentials(actor=actor, workspace=request.workspace, credentials=credentials)
    messages.success(request, _("Renewed the token and ran the checks."))
    return to_step("access", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def delete(request: Any, pk: int) -> HttpResponse:
    credentials = credentials_of(request, pk)
    actions.delete_credentials(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    messages.success(request, _("Deleted the credentials."))
    return redirect("accounts:accounts", workspace_slug=request.workspace.slug)


@access.workspace_view("accounts.view", methods=("GET", "POST"))
def senders(request: Any, pk: int) -> HttpResponse:
    """Step 2: the accounts the token sees, an id typed by hand, and the numbers Meta has for them."""
    if request.method == "POST":
        access.require(request, "accounts.manage")
    credentials = credentials_of(request, pk)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_account(
                actor=Actor.of(request), workspace=request.workspace, credentials=credentials, **form.cleaned_data
            )
        except Refused as refused:
            form.add_error("waba_id", str(refused.sentence))
        else:
            messages.success(request, _("Connected the account and read its numbers."))
            return to_step("senders", request, credentials)
    rows = list(
        WhatsAppAccount.objects.filter(workspace=request.workspace, credentials=credentials)
        .prefetch_related("phone_numbers")
        .order_by("name", "pk")
    )
    known = {row.waba_id for row in rows}
    context = wizard_context(request, credentials, "accounts") | {
        "form": form,
        "accounts": [presenting.account(row) for row in rows],
        "offered": [waba_id for waba_id in credentials.waba_ids if waba_id not in known],
    }
    return render_page(request, "accounts/senders.html", context, status=422 if form.is_bound else 200)


@access.workspace_view("accounts.manage", methods=("POST",))
def refresh(request: Any, pk: int, account_pk: int) -> HttpResponse:
    """Reads an account and its numbers again."""
    account = access.get(
        request, WhatsAppAccount.objects.select_related("credentials"), pk=account_pk, credentials_id=pk
    )
    actions.import_numbers(actor=Actor.of(request), workspace=request.workspace, account=account)
    messages.success(request, _("Read the account and its numbers from Meta."))
    return to_step("senders", request, account.credentials)
