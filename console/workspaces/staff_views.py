"""Pages for staff: workspaces and people of this installation."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.kit.pages import render_page
from console.workspaces import actions, people, queries
from console.workspaces.access import staff_view
from console.workspaces.actors import Actor
from console.workspaces.errors import AddressTaken
from console.workspaces.forms import NewWorkspaceForm, PersonForm
from console.workspaces.invitations import may_show_link, set_password_link
from console.workspaces.lists import PeopleList, WorkspaceList
from console.workspaces.models import User


@staff_view
def workspaces(request: Any) -> HttpResponse:
    """Every workspace of the installation."""
    page = WorkspaceList(request, queries.all_workspaces())
    context = {"list": page, "invited": _invited(request)}
    return render_page(request, "workspaces/staff_workspaces.html", context, parts=("list",))


@staff_view
def new_workspace(request: Any) -> HttpResponse:
    """Makes a workspace and its first owner's account."""
    form = NewWorkspaceForm(request.POST or None, initial={"time_zone": "UTC"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actor = Actor.of(request)
        try:
            with transaction.atomic():
                owner = people.create_person(actor=actor, email=data.pop("owner_email"), name=data.pop("owner_name"))
                workspace = actions.create_workspace(actor=actor, owner=owner.person, **data)
        except AddressTaken as taken:
            form.add_error("slug", str(taken.sentence))
        else:
            messages.success(request, _("Workspace %(name)s made.") % {"name": workspace.name})
            return _to("staff:workspaces", owner.person)
    status = 422 if form.is_bound else 200
    return render_page(request, "workspaces/staff_new_workspace.html", {"form": form}, status=status)


@staff_view
def people_list(request: Any) -> HttpResponse:
    """Every account of the installation."""
    page = PeopleList(request, queries.all_people())
    context = {"list": page, "invited": _invited(request), "me": request.user.pk}
    return render_page(request, "workspaces/staff_people.html", context, parts=("list",))


@staff_view
def new_person(request: Any) -> HttpResponse:
    """Makes an account."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invitation = people.create_person(actor=Actor.of(request), **form.cleaned_data)
        return _to("staff:people", invitation.person)
    status = 422 if form.is_bound else 200
    return render_page(request, "workspaces/staff_new_person.html", {"form": form}, status=status)


@require_POST
@staff_view
def set_active(request: Any, pk: int) -> HttpResponse:
    """Closes an account or opens it again (field `is_active`: 1 or 0)."""
    person = get_object_or_404(User, pk=pk)
    people.set_active(actor=Actor.of(request), person=person, is_active=request.POST.get("is_active") == "1")
    return redirect("staff:people")


@require_POST
@staff_view
def set_staff(request: Any, pk: int) -> HttpResponse:
    """Gives or takes staff rights (field `is_staff`: 1 or 0)."""
    person = get_object_or_404(User, pk=pk)
    people.set_staff(actor=Actor.of(request), person=person, is_staff=request.POST.get("is_staff") == "1")
    return redirect("staff:people")


def _to(name: str, person: User) -> HttpResponse:
    response = redirect(name)
    response["Location"] += f"?invited={person.pk}"
    return response


def _invited(request: Any) -> dict[str, Any] | None:
    """Whom staff have just invited (?invited=): staff may see the link until the account is used. One query when asked."""
    given = request.GET.get("invited", "")
    person = User.objects.filter(pk=given).first() if given.isdecimal() else None
    if person is None:
        return None
    is_fresh = not person.has_usable_password() and not person.last_login and not person.is_staff
    return {"person": person, "link": set_password_link(person) if is_fresh or may_show_link(person, None) else ""}
