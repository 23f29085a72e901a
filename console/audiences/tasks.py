"""Entry points of the queue: each carries an id, may run twice or never, and finds its work in our tables."""

from console.audiences import queries
from console.audiences.actions import audiences as audience_actions
from console.audiences.actions import import_batches
from console.audiences.models import Audience
from console.kit.queue import task


@task()
def preview_import(import_id: int) -> None:
    import_batches.preview(import_id)


@task()
def run_import(import_id: int) -> None:
    import_batches.run(import_id)


@task(every_minutes=1)
def due_imports() -> None:
    """Rings for imports whose task was lost or whose worker died."""
    for batch in queries.due_imports():
        import_batches.ring_for(batch)


@task()
def count_audience(audience_id: int) -> None:
    audience = Audience.objects.select_related("workspace").filter(pk=audience_id, archived_at=None).first()
    if audience is not None:
        audience_actions.count_audience(audience)
