"""Steps of the kill test, each a process of its own: setup, import, takeover, settle. Prints JSON on its last line."""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402

from console.audiences import actions, tasks  # noqa: E402
from console.audiences.actions import import_batches  # noqa: E402
from console.audiences.models import AudienceMember, ConsentEntry, Import, Profile  # noqa: E402
from console.kit import batches  # noqa: E402
from console.workspaces.actors import Actor  # noqa: E402
from console.workspaces.models import Workspace  # noqa: E402

batches.SIZE = 100


def setup(count: int) -> object:
    call_command("migrate", verbosity=0)
    workspace = Workspace.objects.create(name="Kill", slug="kill")
    rows = [f"010-2000-{n:04d},Person {n},yes" for n in range(count)]
    file = ContentFile("\n".join(["phone,name,consent", *rows, rows[0], "12,Short,yes"]).encode())
    actor = Actor.system("test")
    batch = actions.upload_file(actor=actor, workspace=workspace, file=file, filename="kill.csv")
    actions.configure_import(
        actor=actor,
        workspace=workspace,
        batch=batch,
        columns_to=batch.mapping,
        options={"country": "KR", "audience": "new", "audience_name": "Kill"},
    )
    tasks.preview_import(batch.pk)
    batch.refresh_from_db()
    actions.start_import(actor=actor, workspace=workspace, batch=batch)
    return {}


def slow_import() -> object:
    """Tells how far it is after each batch, and takes long enough over the next to be killed inside it."""
    write, apply = import_batches.write_batch, import_batches._apply

    def slow_write(batch: Import, *args: Any) -> Any:
        counts = write(batch, *args)
        time.sleep(0.02)
        return counts

    def tell(batch: Import, *args: Any) -> None:
        apply(batch, *args)
        sys.stdout.write(f"{batch.next_row}\n")
        sys.stdout.flush()

    import_batches.write_batch, import_batches._apply = slow_write, tell
    tasks.run_import(Import.objects.get().pk)
    return {}


def takeover() -> object:
    """The dead worker's lease still holds; when it is over, the due task's ring ends in the same function."""
    batch = Import.objects.get()
    at_kill = batch.next_row
    tasks.run_import(batch.pk)
    batch.refresh_from_db()
    held = batch.next_row == at_kill
    Import.objects.update(lease_until=batch.started_at)
    tasks.run_import(batch.pk)
    return {"at_kill": at_kill, "held": held}


def settle() -> object:
    batch = Import.objects.get()
    doubled = ConsentEntry.objects.values("profile").annotate(n=Count("pk")).filter(n__gt=1).count()
    return {
        "status": batch.status,
        "counts": [batch.created_count, batch.updated_count, batch.skipped_count, batch.refused_count],
        "profiles": Profile.objects.count(),
        "members": AudienceMember.objects.count(),
        "receipts": ConsentEntry.objects.count(),
        "doubled": doubled,
        "refused": sorted(batch.refusals.values_list("row_number", "code")),
    }


STEPS = {"setup": lambda: setup(int(sys.argv[2])), "import": slow_import, "takeover": takeover, "settle": settle}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(STEPS[sys.argv[1]]()) + "\n")
