"""Makes profiles, audiences and imports for tests."""

from collections.abc import Sequence
from itertools import count

from django.core.files.base import ContentFile

from console.audiences import actions
from console.audiences.models import Audience, AudienceMember, Import, Profile
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

_numbers = count(10_000_000)


def make_profile(workspace: Workspace, **fields: object) -> Profile:
    now = clock.now()
    fields.setdefault("phone", f"+8210{next(_numbers)}")
    fields.setdefault("country", "KR")
    fields.setdefault("time_zone", "Asia/Seoul")
    fields.setdefault("created_at", now)
    fields.setdefault("updated_at", now)
    return Profile.objects.create(workspace=workspace, **fields)


def make_list(workspace: Workspace, members: Sequence[Profile] = (), **fields: object) -> Audience:
    now = clock.now()
    fields.setdefault("name", f"List {next(_numbers)}")
    audience = Audience.objects.create(
        workspace=workspace, kind="list", created_at=now, updated_at=now, profile_count=len(members), **fields
    )
    AudienceMember.objects.bulk_create(AudienceMember(audience=audience, profile=profile) for profile in members)
    return audience


def make_rule_audience(workspace: Workspace, rule: dict[str, object], **fields: object) -> Audience:
    now = clock.now()
    fields.setdefault("name", f"Rule {next(_numbers)}")
    return Audience.objects.create(
        workspace=workspace, kind="rule", rule=rule, created_at=now, updated_at=now, **fields
    )


def make_import(
    workspace: Workspace, text: str | bytes, *, actor: Actor | None = None, name: str = "people.csv"
) -> Import:
    """An uploaded file, with the mapping that its header suggests."""
    data = text.encode() if isinstance(text, str) else text
    return actions.upload_file(
        actor=actor or Actor.system("test"), workspace=workspace, file=ContentFile(data), filename=name
    )
