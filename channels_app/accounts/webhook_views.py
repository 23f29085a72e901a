"""Step 3 of connecting: where Meta posts to, said from what Meta answered, and changed with one press."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from channels_app.accounts import actions, queries, webhook_presenting
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.accounts.webhook_forms import SilenceForm
from channels_app.accounts.wizard import credentials_of, to_step, wizard_context
from console.kit import clock
from console.kit.errors import Refused
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

READ_EVERY = timedelta(minutes=5)


@access.workspace_view("accounts.view")
def webhook(request: Any, pk: int) -> HttpResponse:
    """Step 3: where Meta posts to, the address and verify token (for those who manage accounts), when it was heard."""
    return _page(request, credentials_of(request, pk))


def _page(
    request: Any, credentials: ApiCredentials, *, form: SilenceForm | None = None, refused: Refused | None = None
) -> HttpResponse:
    can_manage = access.can(request, "accounts.manage")
    callback_url = queries.callback_url(credentials)
    accounts = queries.accounts_with_numbers(credentials)
    context = wizard_context(request, credentials, "webhook") | {
        "callback_url": callback_url if can_manage else "",
        "verify_token": credentials.verify_token if can_manage else "",
        "hook": webhook_presenting.page(
            credentials, accounts, callback_url, actions.WEBHOOK_FIELDS, can_manage=can_manage
        ),
        "wants_reading": can_manage and _is_old(credentials),
        "silences": queries.open_silences(request.workspace, accounts),
        "form": form or SilenceForm(initial={"minutes": credentials.silence_minutes}),
        "refused": refused,
    }
    status = refused.status if refused else 422 if form else 200
    return render_page(request, "accounts/webhook.html", context, parts=("routes",), status=status)


def _is_old(credentials: ApiCredentials) -> bool:
    """Whether what is stored of Meta's answers says too little: read long ago, or before the last handshake."""
    read_at, verified_at = credentials.subscription_read_at, credentials.webhook_verified_at
    if read_at is None or read_at < clock.now() - READ_EVERY:
        return True
    return verified_at is not None and verified_at > read_at


def _done(request: Any, credentials: ApiCredentials, text: str) -> HttpResponse:
    messages.success(request, text)
    return to_step("webhook", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def read(request: Any, pk: int) -> HttpResponse:
    """Asks Meta where it posts to."""
    credentials = credentials_of(request, pk)
    actions.read_subscription(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    return to_step("webhook", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def subscribe(request: Any, pk: int) -> HttpResponse:
    """Subscribes the app and its accounts with one press; `takes_over` replaces another system's address."""
    credentials = credentials_of(request, pk)
    try:
        steps = actions.subscribe_webhook(
            actor=Actor.of(request),
            workspace=request.workspace,
            credentials=credentials,
            takes_over=request.POST.get("takes_over") == "1",
        )
    except Refused as refused:
        credentials.refresh_from_db()
        return _page(request, credentials, refused=refused)
    for step in steps:
        messages.success(request, _step_text(step))
    return to_step("webhook", request, credentials)


def _step_text(step: dict[str, Any]) -> str:
    if step["code"] == "address":
        if step["did"]:
            return _("Set the app's address at Meta; Meta called it and was answered.")
        return _("The app's address was set already.")
    if step["did"]:
        return _("Subscribed the events of %(account)s.") % {"account": step["subject"]}
    return _("The events of %(account)s were subscribed already.") % {"account": step["subject"]}


@access.workspace_view("accounts.manage", methods=("POST",))
def override(request: Any, pk: int) -> HttpResponse:
    """Sends the messages of one account or number here."""
    credentials = credentials_of(request, pk)
    common = {"actor": Actor.of(request), "workspace": request.workspace}
    number, account = _chosen(request, credentials)
    try:
        if number:
            actions.override_number(**common, number=number)
        else:
            actions.override_account(**common, account=account)
    except Refused as refused:
        credentials.refresh_from_db()
        return _page(request, credentials, refused=refused)
    return _done(request, credentials, _("Its messages come here now."))


@access.workspace_view("accounts.manage", methods=("POST",))
def remove_override(request: Any, pk: int) -> HttpResponse:
    """Lets the next level decide again."""
    credentials = credentials_of(request, pk)
    common = {"actor": Actor.of(request), "workspace": request.workspace}
    number, account = _chosen(request, credentials)
    if number:
        actions.remove_number_override(**common, number=number)
    else:
        actions.remove_account_override(**common, account=account)
    return _done(request, credentials, _("Removed the override."))


def _chosen(request: Any, credentials: ApiCredentials) -> tuple[PhoneNumber | None, WhatsAppAccount]:
    """The number and account a form names; 404 unless they belong to these credentials."""
    number_pk, account_pk = request.POST.get("number", ""), request.POST.get("account", "")
    if number_pk:
        rows = PhoneNumber.objects.select_related("account__credentials")
        number = access.get(request, rows, pk=_id(number_pk), account__credentials=credentials)
        return number, number.account
    rows_of_accounts = WhatsAppAccount.objects.select_related("credentials")
    return None, access.get(request, rows_of_accounts, pk=_id(account_pk), credentials=credentials)


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@access.workspace_view("accounts.manage", methods=("POST",))
def unsubscribe(request: Any, pk: int) -> HttpResponse:
    """Ends the events of one account."""
    credentials = credentials_of(request, pk)
    _number, account = _chosen(request, credentials)
    actions.unsubscribe_account(actor=Actor.of(request), workspace=request.workspace, account=account)
    return _done(request, credentials, _("Ended the events of the account."))


@access.workspace_view("accounts.manage", methods=("POST",))
def disconnect(request: Any, pk: int) -> HttpResponse:
    """Takes the app's address away at Meta."""
    credentials = credentials_of(request, pk)
    actions.disconnect_webhook(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    return _done(request, credentials, _("Took the app's address away at Meta."))


@access.workspace_view("accounts.manage", methods=("POST",))
def silence(request: Any, pk: int) -> HttpResponse:
    """After how many minutes silence is an alert."""
    credentials = credentials_of(request, pk)
    form = SilenceForm(request.POST)
    if not form.is_valid():
        return _page(request, credentials, form=form)
    actions.set_silence_minutes(
        actor=Actor.of(request), workspace=request.workspace, credentials=credentials, **form.cleaned_data
    )
    return _done(request, credentials, _("Saved the time until silence is an alert."))
