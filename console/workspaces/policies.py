"""The acknowledgements a workspace makes before it sends: which text, by whom, when (reference journey-optimizer.md 1.1).

A changed text gets a new version and is asked for anew; what was accepted before stays on record as it was shown.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.workspaces.models import PolicyAcceptance, Workspace


@dataclass(frozen=True)
class Policy:
    """One text to accept; `rule_url` leads to Meta's own page."""

    code: str
    version: str
    title: str | Promise
    text: str | Promise
    rule_url: str


POLICIES = (
    Policy(
        "content_rules",
        "2026-11",
        _("Content rules"),
        _("We send only what WhatsApp’s messaging guidelines allow."),
        "https://business.whatsapp.com/policy",
    ),
    Policy(
        "meta_policies",
        "2026-11",
        _("Meta policies"),
        _("We follow Meta’s business and commerce policies, and write only to people who agreed to it."),
        "https://www.whatsapp.com/legal/business-policy/",
    ),
    Policy(
        "service_window",
        "2026-11",
        _("24-hour window"),
        _("We answer freely only within 24 hours of a customer’s last message."),
        "https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages",
    ),
    Policy(
        "approved_templates",
        "2026-11",
        _("Approved templates"),
        _("Outside that window, every message of ours uses a template that Meta approved."),
        "https://developers.facebook.com/docs/whatsapp/message-templates/guidelines",
    ),
)
BY_CODE = {policy.code: policy for policy in POLICIES}


def acceptances(workspace: Workspace) -> dict[str, PolicyAcceptance]:
    """{policy code: the acceptance of its present text}. One query."""
    rows = PolicyAcceptance.objects.filter(workspace=workspace, policy__in=BY_CODE)
    return {row.policy: row for row in rows if row.version == BY_CODE[row.policy].version}


def open_policies(workspace: Workspace) -> list[Policy]:
    """The policies whose present text nobody of the workspace accepted yet. One query."""
    accepted = acceptances(workspace)
    return [policy for policy in POLICIES if policy.code not in accepted]
