"""What is refused to people who edit and activate campaigns.

Refused
├── EditConflict    somebody else saved in between; nothing was overwritten (409)
├── Blocked         the checker found errors (409)
└── WarningsOpen    a warning was not accepted (422)
"""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from campaigns.checks import Finding
from campaigns.models import Campaign
from console.kit.errors import Refused


class EditConflict(Refused):
    """Two editors: `current` is what is stored now."""

    def __init__(self, current: Campaign) -> None:
        super().__init__("campaign.conflict", _("Somebody else saved this campaign after you opened it."))
        self.current = current


class Blocked(Refused):
    """Sending is blocked by errors of the checker; the first one is the sentence."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"campaign.{findings[0].code}", findings[0].sentence)
        self.findings = findings


class WarningsOpen(Refused):
    """Each warning has to be accepted by whoever activates."""

    status = 422

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("campaign.warnings_open", _("Accept each warning, or fix what it says, before you activate."))
        self.findings = findings
