"""Makes people, workspaces and memberships for tests."""

from itertools import count

from django.utils import timezone

from console.workspaces.models import Membership, PolicyAcceptance, User, Workspace
from console.workspaces.policies import POLICIES
from console.workspaces.roles import Role

_numbers = count(1)


def make_user(**fields: object) -> User:
    number = next(_numbers)
    fields.setdefault("email", f"person{number}@example.com")
    fields.setdefault("name", f"Colleague {number}")
    return User.objects.create_user(password="waymark-test", **fields)


def make_workspace(*, accepts_policies: bool = True, **fields: object) -> Workspace:
    number = next(_numbers)
    fields.setdefault("name", f"Workspace {number}")
    fields.setdefault("slug", f"workspace-{number}")
    workspace = Workspace.objects.create(**fields)
    if accepts_policies:
        accept_policies(workspace)
    return workspace


def accept_policies(workspace: Workspace) -> None:
    PolicyAcceptance.objects.bulk_create(
        PolicyAcceptance(
            workspace=workspace, policy=policy.code, version=policy.version, language="en", text=str(policy.text),
            accepted_by_label="Person", accepted_at=timezone.now(),
        )
        for policy in POLICIES
    )  # fmt: skip


def make_member(workspace: Workspace, role: str = Role.OWNER, **fields: object) -> User:
    user = make_user(**fields)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user
