"""Makes people, workspaces and memberships for tests."""

from itertools import count

from console.workspaces.models import Membership, User, Workspace
from console.workspaces.roles import Role

_numbers = count(1)


def make_user(**fields: object) -> User:
    number = next(_numbers)
    fields.setdefault("email", f"person{number}@example.com")
    fields.setdefault("name", f"Person {number}")
    return User.objects.create_user(password="waymark-test", **fields)


def make_workspace(**fields: object) -> Workspace:
    number = next(_numbers)
    fields.setdefault("name", f"Workspace {number}")
    fields.setdefault("slug", f"workspace-{number}")
    return Workspace.objects.create(**fields)


def make_member(workspace: Workspace, role: str = Role.OWNER, **fields: object) -> User:
    user = make_user(**fields)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user
