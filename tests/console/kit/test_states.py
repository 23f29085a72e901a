"""State machines: compare-and-set moves, refused ones change nothing."""

import pytest
from django.utils import timezone

from console.audiences.models import Import
from console.audiences.states import IMPORT
from console.kit.errors import MoveRefused
from console.workspaces.models import Workspace


@pytest.fixture
def csv_import(workspace: Workspace) -> Import:
    return Import.objects.create(workspace=workspace, filename="a.csv", size_bytes=1, created_at=timezone.now())


def test_move_sets_row_and_instance(csv_import: Import) -> None:
    IMPORT.move(csv_import, "preview")
    assert csv_import.status == "previewing"
    assert Import.objects.get().status == "previewing"
    assert csv_import.status_state.icon == "loader-2"


def test_move_from_a_changed_row_is_refused_and_says_what_it_is_now(csv_import: Import) -> None:
    Import.objects.update(status="done")
    with pytest.raises(MoveRefused, match="Imported"):
        IMPORT.move(csv_import, "cancel")
    assert Import.objects.get().status == "done"
