"""Pages of people who may be one: the list, choosing a second profile, both side by side, and undoing a merge."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from console.audiences import actions, identity_words, queries
from console.audiences.actions.merging import precedence
from console.audiences.forms import MergeForm
from console.audiences.lists import DuplicateList
from console.audiences.models import Profile, ProfileMerge
from console.kit.errors import Refused
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor


@workspace_view("profiles.view")
def duplicates(request: WorkspaceRequest) -> HttpResponse:
    page = DuplicateList(
        request,
        queries.possible_duplicates(request.workspace),
        context={"slug": request.workspace.slug, "can_edit": access.can(request, "profiles.edit")},
    )
    return render_page(request, "audiences/duplicates.html", {"list": page}, parts=("list",))


@workspace_view("profiles.edit")
def merge_find(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Who else this could be: profiles of the same name, or what a search finds."""
    person = access.get(request, Profile, pk=pk)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    sees_numbers = access.can(request, "profiles.see_numbers")
    people = queries.merge_candidates(person, words, sees_numbers=sees_numbers)
    context = {"profile": person, "words": words, "people": people, "sees_numbers": sees_numbers}
    return render_page(request, "audiences/merge_find.html", context)


@workspace_view("profiles.edit", methods=("GET", "POST"))
def merge(request: WorkspaceRequest, pk: int, other: int) -> HttpResponse:
    """Both side by side; then made one, or kept apart for good."""
    if pk == other:
        raise Http404
    pair = sorted((access.get(request, Profile, pk=pk), access.get(request, Profile, pk=other)), key=precedence)
    form = MergeForm(request.POST if request.method == "POST" else None, people=pair)
    if request.method == "POST" and form.is_valid():
        kept = next(one for one in pair if one.pk == int(form.cleaned_data["keep"]))
        absorbed = next(one for one in pair if one.pk != kept.pk)
        actor, workspace = Actor.of(request), request.workspace
        if form.cleaned_data["do"] == "apart":
            actions.keep_apart(actor=actor, workspace=workspace, first=kept, second=absorbed)
            messages.success(request, _("The two profiles are kept apart"))
            return redirect("audiences:duplicates", workspace.slug)
        try:
            actions.merge_profiles(actor=actor, workspace=workspace, kept=kept, absorbed=absorbed)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("The two profiles are one now. It can be undone on this page."))
            return redirect("audiences:profile", workspace.slug, kept.pk)
    counts = queries.list_counts([one.pk for one in pair])
    sees_numbers = access.can(request, "profiles.see_numbers")
    context = {
        "sides": [identity_words.side(one, counts.get(one.pk, 0), sees_numbers=sees_numbers) for one in pair],
        "pair": queries.pair_of(*pair),
        "form": form,
        "profile": next(one for one in pair if one.pk == pk),
    }
    return render_page(request, "audiences/merge.html", context, status=422 if form.is_bound else 200)


@workspace_view("profiles.edit", methods=("POST",))
def merge_undo(request: WorkspaceRequest, pk: int) -> HttpResponse:
    found = access.get(request, ProfileMerge, pk=pk)
    lost = actions.undo_merge(actor=Actor.of(request), workspace=request.workspace, merge=found)
    messages.success(request, _("The merge is undone; this profile is back, and the two are kept apart"))
    return redirect("audiences:profile", request.workspace.slug, lost.pk)
