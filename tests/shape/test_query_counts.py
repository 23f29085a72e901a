"""Every page that is read costs a known number of queries, whatever the number of rows."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from console.workspaces.models import User, Workspace
from tests.factories.workspaces import make_user
from tests.shape.pages import OBJECTS
from tests.shape.role_matrix import MATRIX, STAFF
from tests.support.addresses import addresses
from tests.support.queries import IS_UPDATING, baselines, compare, count_queries

ADDRESSES = addresses()


def _pages() -> list[str]:
    """Pages of a workspace and of staff that can be read; those with arguments only where an object is known."""
    names = []
    for name, address in ADDRESSES.items():
        if not address.is_of_workspace and MATRIX.get(name) != STAFF:
            continue
        is_read = not address.methods or "GET" in address.methods
        takes_id = bool(address.unknown_arguments())
        if is_read and (name in OBJECTS or not takes_id):
            names.append(name)
    return sorted(names)


PAGES = _pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_costs_what_it_did(
    name: str, workspace: Workspace, owner: User, client_of: Callable[..., Client]
) -> None:
    arguments = OBJECTS[name](workspace) if name in OBJECTS else {}
    is_staff_page = MATRIX.get(name) == STAFF
    client = client_of(make_user(is_staff=True) if is_staff_page else owner)
    url = reverse(name, kwargs=arguments if is_staff_page else {"workspace_slug": workspace.slug, **arguments})
    client.get(url)  # sessions and caches are warm from the second time on
    response, queries = count_queries(client, url)
    assert response.status_code in (200, 204, 302)
    compare(name, queries)


def test_no_baseline_outlives_its_page() -> None:
    assert IS_UPDATING or set(baselines()) == set(PAGES)
