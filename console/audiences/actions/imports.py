"""What a person does with an import: upload a file, say where its columns go, start, cancel."""

from contextlib import suppress
from datetime import date
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from console.audiences import csv_files, mapping, queries
from console.audiences.actions.audiences import create_list
from console.audiences.import_rows import read_country
from console.audiences.models import Audience, Import, Purpose
from console.audiences.states import IMPORT
from console.kit import clock, queue
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

PREVIEW_TASK = "console.audiences.tasks.preview_import"
RUN_TASK = "console.audiences.tasks.run_import"
SAMPLE_ROWS = 50
EXISTING = ("update", "skip")


class FileRefused(Refused):
    """An uploaded file that can't be read as CSV; nothing was kept."""

    status = 422


def upload_file(*, actor: Actor, workspace: Workspace, file: File, filename: str) -> Import:
    """Stores a CSV file and guesses encoding, delimiter and mapping from its first rows. Raises FileRefused."""
    if not file.size:
        raise FileRefused("csv.empty", csv_files.SENTENCES["empty"])
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = filesizeformat(settings.IMPORT_MAX_BYTES)
        raise FileRefused(
            "csv.too_big", _("The file is larger than %(limit)s. Split it and upload the parts.") % {"limit": limit}
        )
    try:
        # Seekable binary either way: in memory below 1 MB, a temporary file above.
        shape, columns, samples = _look_at(cast(BinaryIO, file.file))
    except csv_files.CsvError as error:
        raise FileRefused(f"csv.{error.code}", error.sentence) from error
    file.seek(0)
    now = clock.now()
    name = default_storage.save(f"imports/{now:%Y/%m}/{workspace.pk}.csv", file)
    try:
        with transaction.atomic():
            batch = Import.objects.create(
                workspace=workspace,
                file=name,
                filename=filename[-200:],
                size_bytes=file.size,
                encoding=shape.encoding,
                delimiter=shape.delimiter,
                columns=columns,
                mapping=mapping.guess(columns, samples),
                options={"country": workspace.default_country, "existing": "update"},
                preview={"samples": samples[:5]},
                created_by=actor.user,
                created_at=now,
            )
            audit.record(actor, workspace, "audiences.upload_file", batch, {"size_bytes": file.size})
    except BaseException:
        with suppress(OSError):
            default_storage.delete(name)
        raise
    return batch


def _look_at(file: BinaryIO) -> tuple[csv_files.Shape, list[str], list[list[str]]]:
    shape = csv_files.sniff(file)
    columns, end = csv_files.read_header(file, shape)
    samples: list[list[str]] = []
    for cells, _end in csv_files.rows(file, shape, start_byte=end, first_row=2):
        samples.append([cell[:200] for cell in cells[: len(columns)]])
        if len(samples) == SAMPLE_ROWS:
            break
    if not samples:
        raise csv_files.CsvError("header_only")
    return shape, columns, samples


def configure_import(
    *, actor: Actor, workspace: Workspace, batch: Import, columns_to: dict[str, dict[str, str]], options: dict[str, Any]
) -> None:
    """Keeps mapping and options and begins the check of the whole file. Raises MappingError, Refused, MoveRefused.

    Options: country, existing (update | skip), consents (purposes given by everybody in the file; none by default),
    consent_note, consent_on (ISO date), audience ("" | "new" | id), audience_name.
    """
    mapping.check(columns_to, batch.columns)
    checked = _check_options(workspace, options)
    with transaction.atomic():
        IMPORT.move(
            batch,
            "preview",
            mapping=columns_to,
            options=checked,
            preview={"samples": batch.preview.get("samples", [])},
            row_count=None,
            failure="",
            lease_until=None,
            attempt_count=0,
        )
        audit.record(actor, workspace, "audiences.configure_import", batch, {"options": checked})
        queue.ring(PREVIEW_TASK, batch.pk)


def _check_options(workspace: Workspace, options: dict[str, Any]) -> dict[str, Any]:
    country = str(options.get("country") or "")
    existing = options.get("existing", "update")
    consents = [purpose for purpose in options.get("consents") or [] if purpose in Purpose.values]
    note = str(options.get("consent_note") or "").strip()[:500]
    given_on = str(options.get("consent_on") or "")
    if country and not read_country(country):
        raise Refused("import.country", _("Choose a default country from the list."))
    if existing not in EXISTING:
        raise Refused("import.existing", _("Choose what happens to profiles that exist already."))
    if consents and not note:
        raise Refused(
            "import.consent_note",
            _(
                "Say how these people gave their consent: where, when and to what. It is kept as evidence with each receipt."
            ),
        )
    if given_on and date.fromisoformat(given_on) > clock.now().date():
        raise Refused("import.consent_on", _("Consent can't be given in the future. Choose today or an earlier day."))
    audience = str(options.get("audience") or "")
    if audience == "new" and not str(options.get("audience_name") or "").strip():
        raise Refused("import.audience_name", _("Give the new audience a name."))
    if audience not in ("", "new") and not queries.lists(workspace).filter(pk=int(audience)).exists():
        raise Refused("import.audience", _("Choose a list of this workspace."))
    return {
        "country": read_country(country) if country else "",
        "existing": existing,
        "consents": consents,
        "consent_note": note,
        "consent_on": given_on,
        "audience": audience,
        "audience_name": str(options.get("audience_name") or "").strip()[:120],
    }


def start_import(*, actor: Actor, workspace: Workspace, batch: Import) -> None:
    """Begins the import of a checked file; makes the new audience if one was asked for. Raises Refused, MoveRefused."""
    wanted = batch.options.get("audience", "")
    with transaction.atomic():
        audience: Audience | None = None
        if wanted == "new":
            name = batch.options["audience_name"]
            audience = create_list(actor=actor, workspace=workspace, name=name, description=batch.filename[:300])
        elif wanted:
            audience = queries.lists(workspace).filter(pk=int(wanted)).first()
            if audience is None:
                raise Refused(
                    "import.audience_gone",
                    _("The audience was archived meanwhile. Choose another one and check again."),
                )
        now = clock.now()
        IMPORT.move(batch, "start", audience=audience, started_at=now, lease_until=None, attempt_count=0)
        audit.record(actor, workspace, "audiences.start_import", batch, {"rows": batch.row_count})
        queue.ring(RUN_TASK, batch.pk)


def cancel_import(*, actor: Actor, workspace: Workspace, batch: Import) -> None:
    """Stops an import; rows that are in stay in. Raises MoveRefused when it has ended."""
    with transaction.atomic():
        IMPORT.move(batch, "cancel", finished_at=clock.now(), lease_until=None)
        audit.record(actor, workspace, "audiences.cancel_import", batch, {"rows_done": batch.next_row})
