"""A request larger than the largest file is refused before its body reaches the disk; ordinary uploads pass."""

import io
from typing import Any

import pytest
from django.test import Client

from console.audiences.models import Import
from console.workspaces.models import Workspace


def csv_of(size_bytes: int) -> io.BytesIO:
    file = io.BytesIO(b"phone\n" + b"+447700900341\n" * (size_bytes // 14))
    file.name = "people.csv"
    return file


@pytest.mark.django_db
def test_nobody_sends_more_than_the_largest_file(
    owner_client: Client, workspace: Workspace, settings: Any, tmp_path: Any
) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    for client, path in ((owner_client, f"/w/{workspace.slug}/imports/new/"), (Client(), "/accounts/login/")):
        assert client.post(path, {"file": csv_of(3 * 1024 * 1024)}).status_code == 400, path
    assert not list(tmp_path.glob("*.upload*"))
    assert not Import.objects.exists()


def test_an_ordinary_file_passes(owner_client: Client, workspace: Workspace) -> None:
    answer = owner_client.post(f"/w/{workspace.slug}/imports/new/", {"file": csv_of(2 * 1024 * 1024)})
    assert answer.status_code == 302
    assert Import.objects.get().size_bytes > 2_000_000
