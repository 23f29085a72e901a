"""API credentials: the list, and the wizard's first step with its checks, renewing, changing, deleting."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels_app.accounts import actions, credential_presenting, presenting, queries
from channels_app.accounts.forms import CredentialsForm, EditCredentialsForm, RenewForm
from channels_app.accounts.models import ApiCredentials
from channels_app.accounts.wizard import credentials_of, shared_context, to_step, wizard_context
from console.kit.errors import Refused
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

STEPS = ("senders", "webhook")


@access.workspace_view("accounts.view")
def accounts(request: Any) -> HttpResponse:
    """Every connection with its state, its accounts and their numbers."""
    shared = shared_context(request)
    slug = request.workspace.slug
    rows = [
        {
            "row": row,
            "token": credential_presenting.hint(row) if shared["can_manage"] else "",
            "expiry": credential_presenting.expiry(row),
            "rotation": credential_presenting.rotation(row, slug),
            "unanswered": credential_presenting.unanswered(row),
            "accounts": [presenting.account(account) for account in row.accounts.all()],
            "count": presenting.check_count(row.checks),
            "failed": [check for check in credential_presenting.checks(row, slug) if check["status"] == "failed"],
        }
        for row in queries.credentials_with_accounts(request.workspace)
    ]
    return render_page(request, "accounts/accounts.html", {"rows": rows, **shared})


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def new(request: Any) -> HttpResponse:
    """Step 1: adds credentials; the checks run at once."""
    form = CredentialsForm(request.POST or None)
    refused = None
    if request.method == "POST" and form.is_valid():
        actor = Actor.of(request)
        try:
            credentials = actions.add_credentials(actor=actor, workspace=request.workspace, **form.cleaned_data)
        except Refused as error:
            refused = _refuse_field(form, error)
        else:
            actions.check_credentials(actor=actor, workspace=request.workspace, credentials=credentials)
            return to_step("access", request, credentials)
    context = {
        "form": form,
        "refused": refused,
        "steps": presenting.steps(None, "access", request.workspace.slug),
    }
    return render_page(request, "accounts/new.html", context, status=422 if form.is_bound else 200)


def _refuse_field(form: Any, refused: Refused) -> Refused | None:
    """Puts a refusal beside its field; gives it back when it has a link that no field can show."""
    fields = {
        "accounts.name_taken": "name",
        "accounts.token_known": "access_token",
        "accounts.token_same": "access_token",
    }
    form.add_error(fields.get(refused.code), str(refused.sentence))
    return refused if refused.fix_url else None


@access.workspace_view("accounts.view")
def access_page(request: Any, pk: int) -> HttpResponse:
    """Step 1, stored: facts of the token, each check, renewing, changing."""
    return _access_page(request, credentials_of(request, pk))


def _access_page(
    request: Any,
    credentials: ApiCredentials,
    *,
    renew_form: RenewForm | None = None,
    edit_form: EditCredentialsForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    initial = {"name": credentials.name, "portfolio_id": credentials.portfolio_id}
    is_wrong = renew_form is not None or edit_form is not None
    context = wizard_context(request, credentials, "access") | {
        "form": renew_form or RenewForm(),
        "edit_form": edit_form or EditCredentialsForm(initial=initial),
        "refused": refused,
        "is_used": credentials.accounts.exists(),
    }
    status = 422 if is_wrong else 200
    return render_page(request, "accounts/access.html", context, parts=("renew",), status=status)


@access.workspace_view("accounts.manage", methods=("POST",))
def edit(request: Any, pk: int) -> HttpResponse:
    """Renames credentials, or sets their portfolio and checks again."""
    credentials = credentials_of(request, pk)
    form = EditCredentialsForm(request.POST)
    if not form.is_valid():
        return _access_page(request, credentials, edit_form=form)
    actor, before = Actor.of(request), credentials.portfolio_id
    try:
        actions.change_credentials(
            actor=actor, workspace=request.workspace, credentials=credentials, **form.cleaned_data
        )
    except Refused as error:
        _refuse_field(form, error)
        return _access_page(request, credentials_of(request, pk), edit_form=form)
    if credentials.portfolio_id != before:
        actions.check_credentials(actor=actor, workspace=request.workspace, credentials=credentials)
    messages.success(request, _("Saved the credentials."))
    return to_step("access", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def check(request: Any, pk: int) -> HttpResponse:
    """Runs the checks again, those of a waiting token too; goes back to the step it was asked from."""
    credentials = credentials_of(request, pk)
    actor = Actor.of(request)
    actions.check_candidate(actor=actor, workspace=request.workspace, credentials=credentials)
    actions.check_credentials(actor=actor, workspace=request.workspace, credentials=credentials)
    step = request.POST.get("step")
    if step == "list":
        return redirect("accounts:accounts", workspace_slug=request.workspace.slug)
    return to_step(step if step in STEPS else "access", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def renew(request: Any, pk: int) -> HttpResponse:
    """Offers a new token and checks it at once; the old one serves until it has passed."""
    credentials = credentials_of(request, pk)
    form = RenewForm(request.POST)
    if not form.is_valid():
        return _access_page(request, credentials, renew_form=form)
    actor = Actor.of(request)
    try:
        actions.offer_token(actor=actor, workspace=request.workspace, credentials=credentials, **form.cleaned_data)
    except Refused as error:
        if error.code.startswith("accounts."):
            return _access_page(request, credentials, renew_form=form, refused=_refuse_field(form, error))
        raise
    return _checked(request, credentials)


def _checked(request: Any, credentials: ApiCredentials) -> HttpResponse:
    outcome = actions.check_candidate(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    if outcome == "none":
        messages.success(request, _("The new token passed its checks and is in use now."))
    return to_step("access", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def retry(request: Any, pk: int) -> HttpResponse:
    """Checks a new token that was not accepted once more."""
    credentials = credentials_of(request, pk)
    actions.retry_token(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    return _checked(request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def withdraw(request: Any, pk: int) -> HttpResponse:
    """Discards a new token that waits."""
    credentials = credentials_of(request, pk)
    actions.withdraw_token(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    messages.success(request, _("Discarded the new token. The old one stays in use."))
    return to_step("access", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def delete(request: Any, pk: int) -> HttpResponse:
    credentials = credentials_of(request, pk)
    actions.delete_credentials(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    messages.success(request, _("Deleted the credentials."))
    return redirect("accounts:accounts", workspace_slug=request.workspace.slug)
