"""Step 2 of connecting: which accounts are used, which of their numbers send, and what Meta says about them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.accounts import actions, credential_presenting, presenting, queries, words
from channels_app.accounts.forms import AccountForm
from channels_app.accounts.models import ApiCredentials, PhoneNumber, Portfolio, WhatsAppAccount
from channels_app.accounts.wizard import credentials_of, to_step, wizard_context
from console.kit.errors import Refused
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor


@access.workspace_view("accounts.view", methods=("GET", "POST"))
def senders(request: Any, pk: int) -> HttpResponse:
    """The accounts the token sees, an id typed by hand, and the numbers Meta has for them."""
    credentials = credentials_of(request, pk)
    if request.method == "POST":
        access.require(request, "accounts.manage")
        return _connect(request, credentials)
    return _page(request, credentials, AccountForm())


def _connect(request: Any, credentials: ApiCredentials) -> HttpResponse:
    cards = _cards(credentials, queries.accounts_with_numbers(credentials))
    form = AccountForm(request.POST, choices=credential_presenting.eligible(cards))
    if not form.is_valid():
        return _page(request, credentials, form)
    connected, refused = actions.connect_accounts(
        actor=Actor.of(request), workspace=request.workspace, credentials=credentials, waba_ids=form.waba_ids
    )
    names = {card["id"]: card["name"] for card in cards}
    for waba_id, error in refused.items():
        if waba_id == form.cleaned_data.get("waba_id"):
            form.add_error("waba_id", str(error.sentence))
        else:
            values = {"name": names.get(waba_id, waba_id), "sentence": error.sentence}
            form.add_error(None, _("%(name)s: %(sentence)s") % values)
    if refused:
        return _page(request, credentials, form)
    if form.cleaned_data.get("waba_id"):  # Meta had not shown it: judge its owner and whether it stays visible
        actions.check_credentials(actor=Actor.of(request), workspace=request.workspace, credentials=credentials)
    text = ngettext(
        "Connected the account and read its numbers.", "Connected the accounts and read their numbers.", len(connected)
    )
    messages.success(request, text)
    return to_step("senders", request, credentials)


def _cards(credentials: ApiCredentials, accounts: list[WhatsAppAccount]) -> list[dict[str, Any]]:
    seen = [str(row.get("id")) for row in credentials.offered if isinstance(row, dict)]
    elsewhere = queries.connected_elsewhere(credentials, {*seen, *credentials.waba_ids})
    return credential_presenting.offers(credentials, accounts, elsewhere)


def _page(
    request: Any, credentials: ApiCredentials, form: AccountForm, *, refused: Refused | None = None
) -> HttpResponse:
    accounts = queries.accounts_with_numbers(credentials)
    rows = [presenting.account(account) for account in accounts]
    in_use = queries.senders_in_use(request.workspace)
    numbers = [number for row in rows for number in row["numbers"]]
    for number in numbers:
        number["used_by"] = in_use.get(number["row"].pk, [])
    selected = _selected(request, numbers)
    context = wizard_context(request, credentials, "accounts") | {
        "form": form,
        "refused": refused,
        "cards": _cards(credentials, accounts),
        "accounts": rows,
        "numbers": numbers,
        "selected": selected,
        "portfolio": _portfolio_of(selected),
        "limit_count": words.LIMITS.get(selected["row"].messaging_limit) if selected else None,
        "has_senders": any(number["row"].is_sender for number in numbers),
    }
    is_wrong = form.is_bound or refused is not None
    return render_page(request, "accounts/senders.html", context, status=422 if is_wrong else 200)


def _selected(request: Any, numbers: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The number whose facts stand at the right: the one asked for, else the first that sends."""
    asked = request.GET.get("number", "")
    for number in numbers:
        if str(number["row"].pk) == asked:
            return number
    chosen = [number for number in numbers if number["row"].is_sender]
    return next(iter(chosen or numbers), None)


def _portfolio_of(selected: dict[str, Any] | None) -> Portfolio | None:
    if selected is None or not selected["row"].account.portfolio_id:
        return None
    account = selected["row"].account
    return Portfolio.objects.filter(workspace=account.workspace_id, portfolio_id=account.portfolio_id).first()


@access.workspace_view("accounts.manage", methods=("POST",))
def choose_senders(request: Any, pk: int) -> HttpResponse:
    """Keeps which numbers send, and goes on to the webhook when that was pressed."""
    credentials = credentials_of(request, pk)
    mine = PhoneNumber.objects.filter(workspace=request.workspace, account__credentials=credentials)
    chosen = {pk for pk in mine.values_list("pk", flat=True) if str(pk) in request.POST.getlist("senders")}
    try:
        count = actions.choose_senders(
            actor=Actor.of(request), workspace=request.workspace, credentials=credentials, number_ids=chosen
        )
    except Refused as refused:
        return _page(request, credentials, AccountForm(), refused=refused)
    if request.POST.get("next") == "webhook" and count:
        return to_step("webhook", request, credentials)
    messages.success(request, _("Saved which numbers send."))
    return to_step("senders", request, credentials)


@access.workspace_view("accounts.manage", methods=("POST",))
def refresh(request: Any, pk: int, account_pk: int) -> HttpResponse:
    """Reads an account and its numbers again."""
    account = access.get(
        request, WhatsAppAccount.objects.select_related("credentials"), pk=account_pk, credentials_id=pk
    )
    actions.import_numbers(actor=Actor.of(request), workspace=request.workspace, account=account)
    messages.success(request, _("Read the account and its numbers from Meta."))
    return to_step("senders", request, account.credentials)
