"""The work of an import: checks the whole file, then writes it in batches, each exactly once.

A batch's rows, receipts, members, refusals and the place in the file are one transaction, guarded by the place it
began at: a crash, a second worker or a canceled import leaves the counts and the rows in agreement.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO, cast

from django.db import transaction
from django.db.models import F

from console.audiences import csv_files, mapping
from console.audiences.actions.audiences import store_count
from console.audiences.actions.import_writing import people_of, write_batch
from console.audiences.actions.imports import PREVIEW_TASK, RUN_TASK
from console.audiences.import_judging import Verdict, judge, read_rows
from console.audiences.models import Import
from console.audiences.states import IMPORT
from console.kit import batches, clock, queue
from console.kit.errors import MoveRefused
from console.kit.retrying import RACED, retried
from console.workspaces import audit
from console.workspaces.actors import Actor

log = logging.getLogger("waymark.audiences.imports")
LEASE = timedelta(seconds=60)
PREVIEW_S = 60.0  # what a check reads at most; a longer file is judged by its first part
SLICE_S = 30.0  # a task gives way after this long and rings for the rest: the queue kills tasks at 90 s
MAX_ATTEMPTS = 5
EXAMPLES = 3


class LostImport(Exception):
    """Another worker took the import over, or a person canceled it: this worker's batch is rolled back."""


def claim(import_id: int, status: str) -> Import | None:
    """Takes the lease of an import in this status; None when somebody holds it or it moved on. Two statements."""
    now = clock.now()
    mine = Import.objects.filter(pk=import_id, status=status)
    free = mine.filter(lease_until=None) | mine.filter(lease_until__lt=now)
    if not free.update(lease_until=now + LEASE, attempt_count=F("attempt_count") + 1):
        return None
    batch = Import.objects.select_related("workspace", "audience").get(pk=import_id)
    if batch.attempt_count > MAX_ATTEMPTS:
        fail(batch, "attempts")
        return None
    return batch


def fail(batch: Import, code: str, row: int = 0) -> None:
    """Ends an import that can't go on; the code's sentence is shown in the reader's language."""
    IMPORT.move(batch, "fail", failure=f"{code}:{row}", finished_at=clock.now(), lease_until=None)
    audit.record(Actor.system("import"), batch.workspace, "audiences.fail_import", batch, {"code": code, "row": row})


def preview(import_id: int) -> None:
    """Reads the whole file and says what would become of each row; writes nothing but its findings."""
    batch = claim(import_id, "previewing")
    if batch is None:
        return
    try:
        _preview(batch)
    except csv_files.CsvError as error:
        fail(batch, f"csv_{error.code}", error.row)
    except (LostImport, MoveRefused):
        log.info("import %s: the check was taken over or canceled", import_id)


def _preview(batch: Import) -> None:
    counts: Counter[str] = Counter()
    reasons: dict[str, dict[str, Any]] = {}
    outcomes: dict[str, list[list[str]]] = {"create": [], "update": [], "skip": []}
    seen: set[str] = set()
    began = saved_at = time.monotonic()
    done, is_partial = 0, False
    with batch.file.open("rb") as file:
        for records, end in _batches(batch, cast(BinaryIO, file), 0, 0):
            verdicts = _judged(batch, records, seen, is_locked=False)
            for verdict in verdicts:
                counts[verdict.kind] += 1
                if verdict.kind == "refuse":
                    reason = reasons.setdefault(verdict.code, {"count": 0, "examples": []})
                    reason["count"] += 1
                    if len(reason["examples"]) < EXAMPLES:
                        reason["examples"].append(_example(batch, verdict))
                elif len(outcomes[verdict.kind]) < EXAMPLES:
                    outcomes[verdict.kind].append(verdict.cells[:40])
            done += len(records)
            if time.monotonic() - saved_at > 1:
                saved_at = time.monotonic()
                _keep_findings(batch, {**batch.preview, "rows": done, "bytes": end})
            if time.monotonic() - began > PREVIEW_S:
                is_partial = True
                break
    findings = {
        "samples": batch.preview.get("samples", []),
        "rows": done,
        "is_partial": is_partial,
        "counts": dict(counts),
        "reasons": reasons,
        "outcomes": outcomes,
        "checked_at": clock.now().isoformat(),
    }
    IMPORT.move(
        batch, "previewed", preview=findings, row_count=None if is_partial else done, lease_until=None, attempt_count=0
    )


def _keep_findings(batch: Import, findings: dict[str, Any]) -> None:
    mine = Import.objects.filter(pk=batch.pk, status="previewing")
    if not mine.update(preview=findings, lease_until=clock.now() + LEASE):
        raise LostImport


def _example(batch: Import, verdict: Verdict) -> dict[str, Any]:
    column = verdict.column
    text = verdict.cells[column] if 0 <= column < len(verdict.cells) else ", ".join(verdict.cells[:4])
    name = batch.columns[column] if 0 <= column < len(batch.columns) else ""
    return {"row": verdict.number, "column": name, "text": text[:80]}


def run(import_id: int) -> None:
    """Writes the file from where it stands, batch by batch, until its end or its slice of time is over."""
    batch = claim(import_id, "importing")
    if batch is None:
        return
    began = time.monotonic()
    try:
        with batch.file.open("rb") as file:
            for records, end in _batches(batch, cast(BinaryIO, file), batch.next_byte, batch.next_row):
                _apply(batch, records, end)
                if time.monotonic() - began > SLICE_S:
                    _hand_over(batch)
                    return
        _finish(batch)
    except csv_files.CsvError as error:
        fail(batch, f"csv_{error.code}", error.row)
    except (LostImport, MoveRefused):
        log.info("import %s: taken over or canceled", import_id)


def _batches(
    batch: Import, file: BinaryIO, start_byte: int, done: int
) -> Iterator[tuple[list[tuple[int, list[str]]], int]]:
    """Batches of (row number as a spreadsheet counts, cells) with the byte behind them."""
    shape = csv_files.Shape(batch.encoding, batch.delimiter, 0)
    if not start_byte:
        sniffed = csv_files.sniff(file)
        shape = csv_files.Shape(batch.encoding, batch.delimiter, sniffed.start_byte)
        _header, start_byte = csv_files.read_header(file, shape)
    first = done + 2
    reader = csv_files.rows(file, shape, start_byte=start_byte, first_row=first)
    while chunk := list(islice(reader, batches.SIZE)):
        yield [(first + index, cells) for index, (cells, _end) in enumerate(chunk)], chunk[-1][1]
        first += len(chunk)


def _judged(
    batch: Import, records: Sequence[tuple[int, list[str]]], seen: set[str], *, is_locked: bool
) -> list[Verdict]:
    """The verdicts of a batch: one query by phone, one by external id."""
    targets = mapping.check(batch.mapping, batch.columns)
    verdicts = read_rows(records, targets, len(batch.columns), batch.options.get("country", ""))
    rows = [verdict.row for verdict in verdicts if verdict.row]
    people = people_of(rows, batch.workspace_id, is_locked=is_locked)
    judge(
        verdicts,
        {person.phone: person for person in people if person.phone},
        {person.external_id: person for person in people if person.external_id},
        seen=seen,
        existing=batch.options.get("existing", "update"),
        import_id=batch.pk,
    )
    return verdicts


def _apply(batch: Import, records: Sequence[tuple[int, list[str]]], end: int) -> None:
    """Writes one batch in one transaction; tries again when somebody made one of its people meanwhile."""

    def write() -> None:
        counts = _write(batch, records)
        _advance(batch, len(records), end, counts)

    retried(write, on=RACED)
    batch.next_row += len(records)
    batch.next_byte = end


def _write(batch: Import, records: Sequence[tuple[int, list[str]]]) -> Counter[str]:
    return write_batch(batch, _judged(batch, records, set(), is_locked=True))


def _advance(batch: Import, rows: int, end: int, counts: Counter[str]) -> None:
    """Moves the stored place in the file; raises LostImport when the import is no longer where this worker began."""
    mine = Import.objects.filter(pk=batch.pk, status="importing", next_row=batch.next_row)
    moved = mine.update(
        next_row=batch.next_row + rows,
        next_byte=end,
        created_count=F("created_count") + counts["create"],
        updated_count=F("updated_count") + counts["update"],
        skipped_count=F("skipped_count") + counts["skip"],
        refused_count=F("refused_count") + counts["refuse"],
        lease_until=clock.now() + LEASE,
        attempt_count=0,
    )
    if not moved:
        raise LostImport


def _hand_over(batch: Import) -> None:
    with transaction.atomic():
        Import.objects.filter(pk=batch.pk, status="importing", next_row=batch.next_row).update(lease_until=None)
        queue.ring(RUN_TASK, batch.pk)


def _finish(batch: Import) -> None:
    with transaction.atomic():
        IMPORT.move(batch, "finish", finished_at=clock.now(), row_count=batch.next_row, lease_until=None)
        if batch.audience:
            store_count(batch.audience)
        audit.record(
            Actor.system("import"), batch.workspace, "audiences.finish_import", batch, {"rows": batch.next_row}
        )


def ring_for(batch: Import) -> None:
    """Rings for an import that nobody works on."""
    queue.ring(PREVIEW_TASK if batch.status == "previewing" else RUN_TASK, batch.pk)
