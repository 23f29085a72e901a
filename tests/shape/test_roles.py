"""Walks every address as every role, as a stranger, and signed out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from console.workspaces.models import User, Workspace
from console.workspaces.roles import CAPABILITIES, Role
from tests.factories.workspaces import make_member, make_user, make_workspace
from tests.shape.pages import OBJECTS
from tests.shape.role_matrix import MATRIX, PUBLIC, SIGNED_IN, STAFF
from tests.support.addresses import Address, addresses

ADDRESSES = addresses()
KNOWN = sorted(MATRIX.keys() & ADDRESSES.keys())
OF_WORKSPACE = [name for name in KNOWN if ADDRESSES[name].is_of_workspace]
OUTSIDE = [name for name in KNOWN if not ADDRESSES[name].is_of_workspace]
SignIn = Callable[[User], Client]


def ask(client: Client, address: Address, **arguments: Any) -> HttpResponse:
    """One request: GET where the view has it, else an empty POST. Form errors and refusals are answers too."""
    url = reverse(address.name, kwargs=arguments)
    can_get = not address.methods or "GET" in address.methods
    return client.get(url) if can_get else client.post(url)


def is_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/accounts/login/")


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    missing = [
        f'    "{name}": "{getattr(a.view, "capability", "?")}",' for name, a in ADDRESSES.items() if name not in MATRIX
    ]
    assert not missing, "Add to tests/shape/role_matrix.py:\n" + "\n".join(missing)
    assert set(MATRIX) - set(ADDRESSES) == set()


@pytest.mark.parametrize("name", KNOWN)
def test_the_view_asks_for_what_the_table_says(name: str) -> None:
    said, asked = MATRIX[name], getattr(ADDRESSES[name].view, "capability", None)
    if ADDRESSES[name].is_of_workspace:
        assert said in CAPABILITIES
        assert asked == said
    else:
        assert said in (PUBLIC, SIGNED_IN, STAFF)
        assert (asked == "staff") == (said == STAFF)


@pytest.mark.parametrize("name", OF_WORKSPACE)
def test_pages_of_a_workspace(name: str, workspace: Workspace, client_of: SignIn) -> None:
    address = ADDRESSES[name]
    # A POST is asked for an unknown id: who gets past the role check gets 404, and nothing is done.
    is_read = not address.methods or "GET" in address.methods
    arguments = OBJECTS[name](workspace) if is_read and name in OBJECTS else address.unknown_arguments()
    arguments = {"workspace_slug": workspace.slug, **arguments}
    exists = name in OBJECTS or not address.unknown_arguments()
    assert is_sign_in(ask(Client(), address, **arguments)), "signed out"
    stranger = make_member(make_workspace())
    assert ask(client_of(stranger), address, **arguments).status_code == 404, "stranger"
    assert ask(client_of(make_user(is_staff=True)), address, **arguments).status_code == 404, "staff who is no member"
    for role in Role.values:
        response = ask(client_of(make_member(workspace, role)), address, **arguments)
        if role in CAPABILITIES[MATRIX[name]]:
            allowed = (200, 204, 302, 409, 422) if is_read and exists else (200, 204, 302, 404, 409, 422)
            assert response.status_code in allowed, role
            assert not is_sign_in(response), role
        else:
            assert response.status_code == 403, role


@pytest.mark.parametrize("name", [name for name in OF_WORKSPACE if name in OBJECTS])
def test_an_object_of_another_workspace_is_not_found(name: str, workspace: Workspace, client_of: SignIn) -> None:
    elsewhere = OBJECTS[name](make_workspace())
    response = ask(client_of(make_member(workspace)), ADDRESSES[name], workspace_slug=workspace.slug, **elsewhere)
    assert response.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", OUTSIDE)
def test_pages_outside_a_workspace(name: str, client_of: SignIn) -> None:
    address, said = ADDRESSES[name], MATRIX[name]
    arguments = address.unknown_arguments()
    signed_out = ask(Client(), address, **arguments)
    plain = ask(client_of(make_user()), address, **arguments)
    staff = ask(client_of(make_user(is_staff=True)), address, **arguments)
    assert all(response.status_code < 500 for response in (signed_out, plain, staff))
    if said == PUBLIC:
        assert signed_out.status_code != 403
        return
    assert is_sign_in(signed_out) or signed_out.status_code == 405
    if said == STAFF:
        assert plain.status_code in (404, 405)
        assert staff.status_code in (200, 302, 404, 405)
    else:
        assert not is_sign_in(plain)
        assert plain.status_code in (200, 302, 404, 405)
