"""Pages of imports: upload, mapping, check, progress, summary, refused rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from console.audiences import actions, attributes, csv_files, mapping, queries
from console.audiences.forms import ImportForm, UploadForm
from console.audiences.import_rows import SENTENCES
from console.audiences.lists import ImportList
from console.audiences.models import Import
from console.kit import clock
from console.kit.errors import Refused
from console.kit.exports import csv_response
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor

EDITABLE = ("uploaded", "ready")


@workspace_view("profiles.import")
def imports(request: WorkspaceRequest) -> HttpResponse:
    page = ImportList(request, queries.imports(request.workspace), context={"slug": request.workspace.slug})
    return render_page(request, "audiences/imports.html", {"list": page}, parts=("list",))


@workspace_view("profiles.import", methods=("GET", "POST"))
def import_new(request: WorkspaceRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = actions.upload_file(
                actor=Actor.of(request), workspace=request.workspace, file=file, filename=file.name
            )
        except Refused as refused:
            form.add_error("file", str(refused.sentence))
        else:
            return redirect("audiences:import_mapping", request.workspace.slug, batch.pk)
    status = 422 if request.method == "POST" else 200
    return render_page(request, "audiences/import_upload.html", {"form": form}, status=status)


@workspace_view("profiles.import", methods=("GET", "POST"))
def import_mapping(request: WorkspaceRequest, pk: int) -> HttpResponse:
    batch = access.get(request, Import.objects.select_related("workspace"), pk=pk)
    if batch.status not in EDITABLE:
        return redirect("audiences:import", request.workspace.slug, pk)
    form = ImportForm(request.POST or None, batch=batch)
    columns_to = _posted_mapping(request, batch) if request.method == "POST" else batch.mapping
    error: mapping.MappingError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.configure_import(
                actor=Actor.of(request),
                workspace=request.workspace,
                batch=batch,
                columns_to=columns_to,
                options=form.options(),
            )
        except mapping.MappingError as wrong:
            error = wrong
        except Refused as refused:
            field = refused.code.partition(".")[2]
            form.add_error(field if field in form.fields else None, str(refused.sentence))
        else:
            return redirect("audiences:import", request.workspace.slug, pk)
    context = {
        "form": form,
        "batch": batch,
        "error": error,
        "columns": _column_rows(batch, columns_to, error),
        "targets": mapping.TARGETS.items(),
        "kinds": attributes.KINDS.items(),
    }
    status = 422 if request.method == "POST" else 200
    return render_page(request, "audiences/import_mapping.html", context, status=status)


def _posted_mapping(request: WorkspaceRequest, batch: Import) -> dict[str, dict[str, str]]:
    posted = {}
    for index, name in enumerate(batch.columns):
        field = request.POST.get(f"c{index}_field", "")
        if field == "attribute":
            key = request.POST.get(f"c{index}_key", "").strip() or attributes.key_of(name)
            posted[str(index)] = {"field": field, "key": key, "kind": request.POST.get(f"c{index}_kind", "text")}
        elif field:
            posted[str(index)] = {"field": field}
    return posted


def _column_rows(
    batch: Import, columns_to: dict[str, dict[str, str]], error: mapping.MappingError | None
) -> list[dict[str, Any]]:
    samples = batch.preview.get("samples", [])
    return [
        {
            "index": index,
            "name": name,
            "samples": [row[index] for row in samples[:3] if index < len(row) and row[index]],
            "to": columns_to.get(str(index), {}),
            "key": columns_to.get(str(index), {}).get("key") or attributes.key_of(name),
            "error": error.sentence if error and error.column == index else "",
        }
        for index, name in enumerate(batch.columns)
    ]


@workspace_view("profiles.import")
def import_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    batch = access.get(request, queries.imports(request.workspace), pk=pk)
    if batch.status == "uploaded":
        return redirect("audiences:import_mapping", request.workspace.slug, pk)
    response = render_page(request, "audiences/import.html", _progress(batch), parts=("import-progress",))
    if request.headers.get("HX-Request") and batch.status not in ("previewing", "importing"):
        response["HX-Refresh"] = "true"  # the page's head has other buttons now
    return response


def _progress(batch: Import) -> dict[str, Any]:
    counts = batch.preview.get("counts", {})
    done = batch.preview.get("rows", 0) if batch.status == "previewing" else batch.next_row
    total = batch.row_count
    seconds_left = None
    if batch.status == "importing" and batch.started_at and total and batch.next_row:
        seconds_left = (clock.now() - batch.started_at).total_seconds() / batch.next_row * (total - batch.next_row)
    reasons = batch.preview.get("reasons", {})
    return {
        "batch": batch,
        "counts": {kind: counts.get(kind, 0) for kind in ("create", "update", "skip", "refuse")},
        "importable": sum(counts.get(kind, 0) for kind in ("create", "update", "skip")),
        "done": done,
        "total": total,
        "seconds_left": seconds_left,
        "reasons": [
            {"code": code, "title": SENTENCES.get(code, code), "count": found["count"], "examples": found["examples"]}
            for code, found in sorted(reasons.items(), key=lambda item: -item[1]["count"])
        ],
        "failure": failure_sentence(batch.failure),
        "segments": [
            {"label": _("Created"), "value": batch.created_count, "tone": "ok"},
            {"label": _("Updated"), "value": batch.updated_count, "tone": "info"},
            {"label": _("Kept as they are"), "value": batch.skipped_count, "tone": "mute"},
            {"label": _("Refused"), "value": batch.refused_count, "tone": "bad"},
        ],
    }


def failure_sentence(failure: str) -> str:
    """The stored code of a failure, such as csv_quotes:62, in words."""
    code, _sep, row = failure.partition(":")
    if code.startswith("csv_") and code[4:] in csv_files.SENTENCES:
        return csv_files.CsvError(code[4:], int(row or 0)).sentence
    if code == "attempts":
        return _("The import stopped five times at the same place. What is in stays in. Tell whoever runs Waymark.")
    return ""


@workspace_view("profiles.import", methods=("POST",))
def import_start(request: WorkspaceRequest, pk: int) -> HttpResponse:
    batch = access.get(request, Import, pk=pk)
    actions.start_import(actor=Actor.of(request), workspace=request.workspace, batch=batch)
    return redirect("audiences:import", request.workspace.slug, pk)


@workspace_view("profiles.import", methods=("POST",))
def import_cancel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    batch = access.get(request, Import, pk=pk)
    actions.cancel_import(actor=Actor.of(request), workspace=request.workspace, batch=batch)
    messages.success(request, _("Import canceled"))
    return redirect("audiences:import", request.workspace.slug, pk)


@workspace_view("profiles.import")
def import_refused(request: WorkspaceRequest, pk: int) -> HttpResponseBase:
    """The refused rows as CSV in the file's own columns with the reason behind them: correct it and upload it again."""
    batch = access.get(request, Import, pk=pk)
    header = [*(name for name in batch.columns if name != mapping.REFUSED_COLUMN), mapping.REFUSED_COLUMN]
    return csv_response(f"refused-{batch.pk}", header, _refused_rows(batch))


def _refused_rows(batch: Import) -> Iterator[Sequence[str]]:
    kept = [index for index, name in enumerate(batch.columns) if name != mapping.REFUSED_COLUMN]
    for refusal in queries.refusals(batch).iterator(chunk_size=1000):
        cells = [refusal.values[index] if index < len(refusal.values) else "" for index in kept]
        yield [*cells, str(SENTENCES.get(refusal.code, refusal.code))]
