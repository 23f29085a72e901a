"""Accepting policies."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from console.kit import clock
from console.kit.errors import Refused
from console.workspaces import audit, policies
from console.workspaces.actors import Actor
from console.workspaces.models import PolicyAcceptance, Workspace


def accept_policies(*, actor: Actor, workspace: Workspace, codes: Iterable[str]) -> list[str]:
    """Records that the workspace accepts these policies in the text shown now; gives the codes that are new.

    Accepting again changes nothing: the first acceptance stays. Raises Refused when nothing or something unknown was
    chosen.
    """
    wanted = list(dict.fromkeys(codes))
    if not wanted or not set(wanted) <= policies.BY_CODE.keys():
        raise Refused("workspaces.no_policy_chosen", _("Tick the policies that your team accepts, then save."))
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        accepted = policies.acceptances(workspace)
        fresh = [policies.BY_CODE[code] for code in wanted if code not in accepted]
        PolicyAcceptance.objects.bulk_create(_acceptance(actor, workspace, policy) for policy in fresh)
        for policy in fresh:
            audit.record(
                actor, workspace, "workspaces.accept_policy", workspace, {"policy": policy.code, "text": policy.version}
            )
    return [policy.code for policy in fresh]


def _acceptance(actor: Actor, workspace: Workspace, policy: policies.Policy) -> PolicyAcceptance:
    return PolicyAcceptance(
        workspace=workspace,
        policy=policy.code,
        version=policy.version,
        language=get_language() or "en",
        text=str(policy.text),
        accepted_by=actor.user,
        accepted_by_label=actor.label[:160],
        accepted_at=clock.now(),
    )
