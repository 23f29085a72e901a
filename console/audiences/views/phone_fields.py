"""The workspace's default for where a person's number is looked for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from console.audiences import queries
from console.audiences.phone_field_forms import PhoneFieldsForm, chosen
from console.kit.pages import render_page
from console.workspaces import actions
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor


@workspace_view("workspace.manage", methods=("GET", "POST"))
def phone_fields(request: WorkspaceRequest) -> HttpResponse:
    """The chain that decides where neither campaign nor channel configuration says anything else."""
    workspace = request.workspace
    choices = queries.phone_field_choices(workspace, workspace.phone_fields)
    form = PhoneFieldsForm(request.POST or None, choices=choices, initial=workspace.phone_fields)
    if request.method == "POST" and form.is_valid():
        fields = chosen(form.cleaned_data)
        actions.update_phone_fields(actor=Actor.of(request), workspace=workspace, phone_fields=fields)
        messages.success(request, _("Settings saved."))
        return redirect("audiences:phone_fields", workspace_slug=workspace.slug)
    status = 422 if form.is_bound else 200
    return render_page(request, "audiences/phone_fields.html", {"form": form}, status=status)
