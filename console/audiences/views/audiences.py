"""Pages of audiences: list, detail with members, the rule builder with its live count."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.audiences import actions, queries, rules
from console.audiences.forms import ListForm
from console.audiences.lists import AudienceList, MemberList
from console.audiences.models import Audience
from console.audiences.rule_forms import RuleRows
from console.kit import wording
from console.kit.errors import Refused
from console.kit.pages import render_page, requested_part
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor

SAMPLE = 5


@workspace_view("audiences.view")
def audience_list(request: WorkspaceRequest) -> HttpResponse:
    page = AudienceList(request, queries.audiences(request.workspace), context={"slug": request.workspace.slug})
    context = {"list": page, "can_edit": access.can(request, "audiences.edit")}
    return render_page(request, "audiences/list.html", context, parts=("list",))


@workspace_view("audiences.view")
def detail(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    audience = access.get(request, Audience.objects.select_related("workspace", "created_by"), pk=pk)
    page = _members(request, audience)
    if page.wants_csv:
        access.require(request, "profiles.see_numbers")
        return page.csv_response()
    context = {
        "list": page,
        "audience": audience,
        "rule": queries.rule_sentence(audience) if audience.kind == "rule" else "",
        "can_edit": access.can(request, "audiences.edit") and not audience.archived_at,
        "sees_numbers": access.can(request, "profiles.see_numbers"),
    }
    return render_page(request, "audiences/detail.html", context, parts=("list",))


def _members(request: WorkspaceRequest, audience: Audience) -> MemberList:
    sees_numbers = access.can(request, "profiles.see_numbers")
    page = MemberList(
        request,
        queries.members(audience),
        can=lambda name: access.can(request, name),
        context={"slug": request.workspace.slug, "sees_numbers": sees_numbers},
    )
    if not sees_numbers:
        page.csv_name = ""  # type: ignore[misc]
    if audience.kind == "list" and access.can(request, "audiences.edit") and not audience.archived_at:
        page.bulk_url = reverse("audiences:members_bulk", args=[request.workspace.slug, audience.pk])
    return page


@workspace_view("audiences.edit", methods=("POST",))
def members_bulk(request: WorkspaceRequest, pk: int) -> HttpResponse:
    audience = access.get(request, Audience.objects.select_related("workspace"), pk=pk)
    people = _members(request, audience).selected()
    removed = actions.remove_people(
        actor=Actor.of(request), workspace=request.workspace, audience=audience, people=people
    )
    done = ngettext("%(count)s person is no longer in the list", "%(count)s people are no longer in the list", removed)
    messages.success(request, done % {"count": wording.number(removed)})
    return redirect("audiences:detail", request.workspace.slug, pk)


@workspace_view("audiences.edit", methods=("GET", "POST"))
def new_list(request: WorkspaceRequest) -> HttpResponse:
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            audience = actions.create_list(actor=Actor.of(request), workspace=request.workspace, **form.cleaned_data)
        except Refused as refused:
            form.add_error("name", str(refused.sentence))
        else:
            return redirect("audiences:detail", request.workspace.slug, audience.pk)
    return render_page(
        request, "audiences/list_form.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@workspace_view("audiences.edit", methods=("GET", "POST"))
def new_rule(request: WorkspaceRequest) -> HttpResponse:
    return _rule_page(request, None)


@workspace_view("audiences.edit", methods=("GET", "POST"))
def edit_rule(request: WorkspaceRequest, pk: int) -> HttpResponse:
    rule_audiences = Audience.objects.filter(kind="rule", archived_at=None)
    return _rule_page(request, access.get(request, rule_audiences, pk=pk))


def _rule_page(request: WorkspaceRequest, audience: Audience | None) -> HttpResponse:
    """Builder: `do` adds or removes a row, the part `rule-count` counts, anything else saves.

    A count reads every profile once (a second per million), so it is never part of opening the page: the part asks
    for it by itself, and without a script the button does.
    """
    is_post = request.method == "POST"
    initial = {"name": audience.name, "description": audience.description} if audience else {}
    saves = is_post and request.POST.get("do", "save") == "save" and not requested_part(request, ("rule-count",))
    form = ListForm(request.POST) if saves else ListForm(initial=request.POST.dict() if is_post else initial)
    rows = RuleRows.of_post(request.POST) if is_post else RuleRows.of_rule(audience.rule if audience else {})
    counts = is_post and (request.POST.get("do") == "count" or bool(requested_part(request, ("rule-count",))))
    count = _count(request, rows) if counts else _checked(request, rows) if saves else {"waits": True}
    if saves and form.is_valid() and rows.error is None:
        try:
            saved = actions.save_rule_audience(
                actor=Actor.of(request),
                workspace=request.workspace,
                audience=audience,
                rule=rows.rule(),
                **form.cleaned_data,
            )
        except Refused as refused:
            form.add_error("name", str(refused.sentence))
        else:
            messages.success(request, _("Audience saved"))
            return redirect("audiences:detail", request.workspace.slug, saved.pk)
    context = {
        "form": form,
        "rows": rows,
        "is_post": is_post,
        "shows_errors": saves,
        "audience": audience,
        "lists": queries.lists(request.workspace),
        "keys": queries.known_attributes(request.workspace),
        "sees_numbers": access.can(request, "profiles.see_numbers"),
        **count,
    }
    return render_page(
        request,
        "audiences/rule_form.html",
        context,
        parts=("rule-count", "rule-rows"),
        status=422 if saves else 200,
    )


def _checked(request: WorkspaceRequest, rows: RuleRows) -> dict[str, Any]:
    """Finds the rule's mistake, which the rows then show; `rule` only when there is none."""
    try:
        rule = rows.rule()
        queries.check_audiences(request.workspace, rule)
    except (rules.RuleError, Refused):
        return {"count": None}
    return {"count": None, "rule": rule}


def _count(request: WorkspaceRequest, rows: RuleRows) -> dict[str, Any]:
    """How many fit now, five of them, and the rule in words; nothing while the rule has a mistake. Two queries."""
    rule = _checked(request, rows).get("rule")
    if rule is None:
        return {"count": None}
    people = queries.rule_queryset(request.workspace, rule)
    names = dict(queries.lists(request.workspace).values_list("pk", "name")) if rules.audience_ids(rule) else {}
    return {
        "count": people.count(),
        "sample": people.order_by("-pk")[:SAMPLE],
        "sentence": rules.sentence(rule, names),
    }


@workspace_view("audiences.edit", methods=("POST",))
def recount(request: WorkspaceRequest, pk: int) -> HttpResponse:
    audience = access.get(request, Audience.objects.select_related("workspace"), pk=pk)
    actions.count_audience(audience)
    return redirect("audiences:detail", request.workspace.slug, pk)


@workspace_view("audiences.edit", methods=("POST",))
def archive(request: WorkspaceRequest, pk: int) -> HttpResponse:
    audience = access.get(request, Audience, pk=pk)
    actions.archive_audience(actor=Actor.of(request), workspace=request.workspace, audience=audience)
    messages.success(request, _("Audience archived"))
    return redirect("audiences:list", request.workspace.slug)
