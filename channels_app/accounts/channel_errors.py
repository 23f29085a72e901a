"""What is refused to people who change channel configurations.

Refused
├── ChannelConflict     somebody else saved in between; nothing was overwritten (409)
└── ChannelInUse        something live sends through it (409); `usages` says what
"""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from channels_app.accounts.models import ChannelConfiguration
from channels_app.accounts.usages import Usage
from console.kit.errors import Refused


class ChannelConflict(Refused):
    """Two editors: `current` is what is stored now."""

    def __init__(self, current: ChannelConfiguration) -> None:
        super().__init__(
            "accounts.channel_conflict",
            _("Somebody else saved this configuration after you opened it. Nothing was overwritten: reload the page."),
        )
        self.current = current


class ChannelInUse(Refused):
    """Deactivating would break what is scheduled, sending or paused."""

    def __init__(self, usages: Sequence[Usage]) -> None:
        super().__init__(
            "accounts.channel_in_use",
            _("“%(name)s” sends through this configuration. Stop it or choose another configuration there first.")
            % {"name": usages[0].label},
            fix_url=usages[0].url,
            fix_label=_("Open campaign"),
        )
        self.usages = usages
