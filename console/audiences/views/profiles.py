"""Pages of people: list, one profile, consent by hand, and what can be done to many at once."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.audiences import actions, attributes, identity_words, phone_fields, queries
from console.audiences.forms import AddToListForm, ConsentForm, ProfileForm, ReasonForm
from console.audiences.lists import ProfileList
from console.audiences.models import ConsentEntry, Profile, Purpose
from console.kit import wording
from console.kit.errors import Refused
from console.kit.forms import KitForm
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

SOURCES = {"import": "file-import", "page": "user", "keyword": "message", "whatsapp": "brand-whatsapp", "api": "api"}


def _list(request: WorkspaceRequest) -> ProfileList:
    context = {"slug": request.workspace.slug, "sees_numbers": access.can(request, "profiles.see_numbers")}
    return ProfileList(
        request, queries.profiles(request.workspace), can=lambda name: access.can(request, name), context=context
    )


@workspace_view("profiles.view")
def profiles(request: WorkspaceRequest) -> HttpResponse:
    page = _list(request)
    if access.can(request, "profiles.edit"):
        page.bulk_url = f"/w/{request.workspace.slug}/profiles/bulk/"
    return render_page(request, "audiences/profiles.html", {"list": page, **_can(request)}, parts=("list",))


def _can(request: WorkspaceRequest) -> dict[str, Any]:
    return {
        "can_edit": access.can(request, "profiles.edit"),
        "can_import": access.can(request, "profiles.import"),
        "can_edit_audiences": access.can(request, "audiences.edit"),
        "sees_numbers": access.can(request, "profiles.see_numbers"),
    }


@workspace_view("profiles.view")
def profile(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _profile_page(request, access.get(request, Profile, pk=pk))


def _profile_page(
    request: WorkspaceRequest, person: Profile, form: ConsentForm | None = None, status: int = 200
) -> HttpResponse:
    entries = list(queries.consent_receipts(person)[:100])
    aliases, changes = list(queries.aliases(person)), list(queries.identity_changes(person))
    sees_numbers = access.can(request, "profiles.see_numbers")
    reader = identity_words.reader_of(person, aliases, changes, sees_numbers=sees_numbers)
    shown = reader.text
    context = {
        "profile": person,
        "external_id": shown(person.external_id or ""),
        "wa_id": reader.value("wa_id", person.wa_id or ""),
        "aliases": identity_words.also_known(aliases, reader),
        "history": identity_words.history(changes, reader),
        "merges": identity_words.merges(queries.merges(person)),
        "consents": [(purpose.label, getattr(person, f"{purpose.value}_consent")) for purpose in Purpose],
        "attributes": [
            (key, shown(_attribute(request.workspace, person, key, sees_numbers=sees_numbers)))
            for key in sorted(person.attributes)
        ],
        "receipts": [_receipt(entry, shown) for entry in entries],
        "suppressions": queries.suppressions_of(person),
        "consent_form": form or ConsentForm(),
        **_can(request),
    }
    return render_page(request, "audiences/profile.html", context, status=status)


def _attribute(workspace: Workspace, person: Profile, key: str, *, sees_numbers: bool) -> str:
    """A value as it is shown; a number that messages may go to is masked like the profile's own."""
    if not sees_numbers:
        field = f"{phone_fields.PREFIX}{key}"
        country = workspace.default_country if field in workspace.phone_fields else ""
        number = phone_fields.find({"attributes": person.attributes}, [field], country).address
        if number:
            return wording.masked_phone(number)
    return attributes.show_value(person.attributes[key])


def _receipt(entry: ConsentEntry, shown: Callable[[str], str]) -> dict[str, Any]:
    is_granted = entry.value == "granted"
    title = _("Consent given: %(purpose)s") if is_granted else _("Consent withdrawn: %(purpose)s")
    evidence = entry.evidence
    text = entry.source
    if "file" in evidence:
        text = _("Row %(row)s of %(file)s") % {"row": evidence.get("row", ""), "file": evidence["file"]}
    return {
        "icon": SOURCES.get(entry.source, "file"),
        "tone": "ok" if is_granted else "bad",
        "title": title % {"purpose": entry.get_purpose_display()},
        "who": str(entry.recorded_by) if entry.recorded_by else "",
        "at": entry.given_at,
        "text": shown(text),
        "note": shown(evidence.get("note", "")),
    }


@workspace_view("profiles.edit", methods=("GET", "POST"))
def profile_new(request: WorkspaceRequest) -> HttpResponse:
    return _edit(request, None)


@workspace_view("profiles.edit", methods=("GET", "POST"))
def profile_edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _edit(request, access.get(request, Profile, pk=pk))


def _edit(request: WorkspaceRequest, person: Profile | None) -> HttpResponse:
    form = ProfileForm(request.POST or None, workspace=request.workspace, profile=person)
    adds_row = request.POST.get("do") == "add-attribute"
    if adds_row:
        form.rows.append({"key": "", "kind": "text", "value": ""})
    elif request.method == "POST" and form.is_valid():
        try:
            person = actions.save_profile(
                actor=Actor.of(request), workspace=request.workspace, profile=person, values=form.cleaned_data
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("Profile saved"))
            return redirect("audiences:profile", request.workspace.slug, person.pk)
    context = {"form": form, "profile": person, "kinds": attributes.KINDS.items()}
    status = 422 if request.method == "POST" and not adds_row else 200
    return render_page(request, "audiences/profile_form.html", context, status=status)


@workspace_view("profiles.edit", methods=("POST",))
def profile_test(request: WorkspaceRequest, pk: int) -> HttpResponse:
    person = access.get(request, Profile, pk=pk)
    is_test = request.POST.get("is_test") == "1"
    actions.set_test_flag(actor=Actor.of(request), workspace=request.workspace, profile=person, is_test=is_test)
    messages.success(request, _("Now a test profile") if is_test else _("No longer a test profile"))
    return redirect("audiences:profile", request.workspace.slug, pk)


@workspace_view("profiles.edit", methods=("POST",))
def profile_consent(request: WorkspaceRequest, pk: int) -> HttpResponse:
    person = access.get(request, Profile, pk=pk)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, person, form, status=422)
    _record_consent(request, [person.pk], form)
    messages.success(request, _("Consent recorded"))
    return redirect("audiences:profile", request.workspace.slug, pk)


def _record_consent(request: WorkspaceRequest, ids: Any, form: KitForm) -> int:
    return actions.record_consent(
        actor=Actor.of(request),
        workspace=request.workspace,
        profile_ids=ids,
        purpose=form.cleaned_data["purpose"],
        value=form.cleaned_data["value"],
        source="page",
        evidence={"note": form.cleaned_data["note"]},
        given_at=form.cleaned_data["given_at"],
    )


@workspace_view("profiles.edit", methods=("POST",))
def profile_delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    person = access.get(request, Profile, pk=pk)
    actions.delete_profile(actor=Actor.of(request), workspace=request.workspace, profile=person)
    messages.success(request, _("Profile deleted"))
    return redirect("audiences:profiles", request.workspace.slug)


@workspace_view("profiles.edit", methods=("POST",))
def profiles_bulk(request: WorkspaceRequest) -> HttpResponse:
    """First press: asks what exactly; second press (with `confirmed`): does it to the ticked, or to all that match."""
    page = _list(request)
    action = request.POST.get("action", "")
    is_confirmed = request.POST.get("confirmed") == "1"
    form = _bulk_form(request, action, request.POST if is_confirmed else None)
    if form is None:
        raise Refused("profiles.bulk", _("Choose what to do with the selected profiles."))
    chosen = page.selected()
    if is_confirmed and form.is_valid():
        try:
            _do_bulk(request, action, form, chosen)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            return redirect("audiences:profiles", request.workspace.slug)
    context = {
        "form": form,
        "action": action,
        "count": chosen.count(),
        "ids": request.POST.getlist("ids")[:1000],
        "all_matching": request.POST.get("all_matching", ""),
    }
    return render_page(request, "audiences/profiles_bulk.html", context, status=422 if is_confirmed else 200)


def _bulk_form(request: WorkspaceRequest, action: str, data: Any) -> KitForm | None:
    if action == "consent":
        return ConsentForm(data)
    if action == "list":
        access.require(request, "audiences.edit")
        return AddToListForm(data, workspace=request.workspace)
    return ReasonForm(data) if action == "suppress" else None


def _do_bulk(request: WorkspaceRequest, action: str, form: KitForm, chosen: QuerySet[Profile]) -> None:
    actor, workspace, cleaned = Actor.of(request), request.workspace, form.cleaned_data
    if action == "consent":
        count = _record_consent(request, chosen.order_by().values_list("pk", flat=True).iterator(), form)
    elif action == "list":
        count = _add_to_list(request, cleaned["audience"], cleaned["name"], chosen)
    else:
        numbers = chosen.exclude(phone=None).order_by().values_list("phone", flat=True)
        count = actions.suppress(
            actor=actor, workspace=workspace, addresses=filter(None, numbers.iterator()), reason=cleaned["reason"]
        )
    done = ngettext("Done for %(count)s profile", "Done for %(count)s profiles", count)
    messages.success(request, done % {"count": wording.number(count)})


def _add_to_list(request: WorkspaceRequest, wanted: str, name: str, chosen: QuerySet[Profile]) -> int:
    actor, workspace = Actor.of(request), request.workspace
    with transaction.atomic():
        if wanted == "new":
            audience = actions.create_list(actor=actor, workspace=workspace, name=name)
        else:
            audience = access.get(request, queries.lists(workspace), pk=int(wanted))
        return actions.add_people(actor=actor, workspace=workspace, audience=audience, people=chosen)
