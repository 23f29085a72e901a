"""Every part that a page offers to htmx can be asked for by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from console.workspaces.models import User, Workspace
from tests.factories.workspaces import make_user
from tests.shape.pages import OBJECTS
from tests.shape.role_matrix import MATRIX, STAFF
from tests.shape.test_query_counts import PAGES
from tests.support.rendered import PART


@pytest.mark.parametrize("name", PAGES)
def test_the_parts_of_a_page_come_alone(
    name: str, workspace: Workspace, owner: User, client_of: Callable[..., Client]
) -> None:
    arguments = OBJECTS[name](workspace) if name in OBJECTS else {}
    is_staff_page = MATRIX.get(name) == STAFF
    client = client_of(make_user(is_staff=True) if is_staff_page else owner)
    url = reverse(name, kwargs=arguments if is_staff_page else {"workspace_slug": workspace.slug, **arguments})
    for template in sorted({part.name for part in client.get(url).templates if part.name}, key=str):
        file = Path(settings.BASE_DIR) / f"templates/{template}"
        if not file.is_file():
            continue
        for part in PART.findall(file.read_text(encoding="utf-8")):
            answer = client.get(url, headers={"HX-Request": "true", "HX-Target": part})
            assert answer.status_code in (200, 204, 286), f"{template}#{part}"
