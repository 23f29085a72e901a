"""The list of channel configurations: counted tabs, search, a failed row opened with its remedy."""

from django.db.models import Q
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.models import ChannelConfiguration
from channels_app.accounts.states import CHANNEL
from console.kit.lists import Column, ListPage, Tab


class ChannelList(ListPage):
    """Channel configurations; rows in processing refresh by themselves."""

    columns_url = reverse_lazy("me:columns")
    key = "channels"
    columns = (
        Column("name", _("Name"), template="accounts/channels.html#name", attr="name", sort="name", is_key=True),
        Column("sender", _("Sender"), template="accounts/channels.html#sender"),
        Column("purpose", _("Purpose"), template="accounts/channels.html#purpose", is_secondary=True),
        Column("status", _("Status"), template="accounts/channels.html#status", attr="status", sort="status"),
        Column("quality", _("Quality"), template="accounts/channels.html#quality", is_secondary=True),
        Column(
            "updated",
            _("Last change"),
            template="accounts/channels.html#updated",
            attr="updated_at",
            sort="updated_at",
            is_secondary=True,
        ),
    )
    tabs = (
        Tab("", _("All")),
        Tab("active", CHANNEL["active"].label, Q(status="active")),
        Tab("processing", CHANNEL["processing"].label, Q(status="processing")),
        Tab("failed", CHANNEL["failed"].label, Q(status="failed"), tone="bad"),
        Tab("draft", CHANNEL["draft"].label, Q(status="draft")),
        Tab("deactivated", CHANNEL["deactivated"].label, Q(status="deactivated")),
    )
    search_fields = ("name", "description", "phone_number__display_number")
    search_label = _("Search configurations")
    default_sort = "-updated"
    row_template = "accounts/channels.html#detail"
    empty_template = "accounts/channels.html#first_use"
    no_results_title = _("No configuration matches")
    mobile = ("name", "status")
    poll_every = 2

    def row_url(self, row: ChannelConfiguration) -> str:
        return reverse("accounts:channel", args=[self.context["workspace_slug"], row.pk])

    def row_tone(self, row: ChannelConfiguration) -> str:
        return "bad" if row.status == "failed" else ""

    def row_is_expandable(self, row: ChannelConfiguration) -> bool:
        return bool(row.checks)

    def row_is_open(self, row: ChannelConfiguration) -> bool:
        return row.status == "failed"

    @property
    def is_checking(self) -> bool:
        return any(row.status == "processing" for row in self.rows)
