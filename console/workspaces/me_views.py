"""One's own account: name, language, theme, sessions, and the ways to password and second factor."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from console.kit.pages import render_page
from console.workspaces import people
from console.workspaces.actors import Actor
from console.workspaces.forms import AccountForm, LanguageForm, ThemeForm

COOKIE_AGE_S = 365 * 24 * 3600


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Any) -> HttpResponse:
    """Name, language, appearance; what protects the account."""
    person = request.user
    current = {"name": person.name, "language": person.language, "theme": person.theme}
    form = AccountForm(request.POST or None, initial=current)
    if request.method == "POST" and form.is_valid():
        people.update_account(actor=Actor.of(request), **form.cleaned_data)
        translation.activate(person.language or translation.get_language_from_request(request))
        messages.success(request, _("Account saved."))
        return redirect("me:account")
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    context = {
        "form": form,
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkey_count": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
    }
    return render_page(request, "workspaces/account.html", context, status=422 if form.is_bound else 200)


@require_POST
def language(request: Any) -> HttpResponse:
    """The shell's switch; signed out it is kept in a cookie, so that the sign-in page has it too."""
    form = LanguageForm(request.POST)
    response = _back(request)
    if form.is_valid():
        chosen = form.cleaned_data["language"]
        if request.user.is_authenticated:
            people.update_account(actor=Actor.of(request), language=chosen)
        if chosen:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, chosen, max_age=COOKIE_AGE_S, samesite="Lax", httponly=True
            )
        else:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


@login_required
@require_POST
def theme(request: Any) -> HttpResponse:
    """The shell's switch between light, dark and automatic."""
    form = ThemeForm(request.POST)
    if form.is_valid():
        people.update_account(actor=Actor.of(request), theme=form.cleaned_data["theme"])
    return HttpResponse(status=204) if request.htmx else _back(request)


@login_required
@require_POST
def end_sessions(request: Any) -> HttpResponse:
    """Signs the person out everywhere else; this browser stays signed in."""
    people.end_sessions(actor=Actor.of(request))
    update_session_auth_hash(request, request.user)
    messages.success(request, _("Signed out everywhere else."))
    return redirect("me:account")


def _back(request: Any) -> HttpResponse:
    """Back to the page that asked (`next` or the referrer), never to another site."""
    for target in (request.POST.get("next"), request.headers.get("referer")):
        if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            return redirect(target)
    return redirect("root:index")
