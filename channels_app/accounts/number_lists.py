"""The list of all numbers of a workspace."""

from django.db.models import Q
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.models import PhoneNumber
from channels_app.accounts.number_queries import IS_FINE, IS_TROUBLED
from console.kit.lists import Column, ListPage, Tab


class NumberList(ListPage):
    """Numbers with state, quality, limit and what is used of it."""

    columns_url = reverse_lazy("me:columns")
    key = "numbers"
    columns = (
        Column(
            "name",
            _("Display name"),
            template="accounts/numbers.html#name",
            attr="verified_name",
            sort="verified_name",
            is_key=True,
        ),
        Column("account", _("Account"), attr="account.name", is_secondary=True),
        Column("status", _("State"), template="accounts/numbers.html#status", attr="status", sort="status"),
        Column("quality", _("Quality"), template="accounts/numbers.html#quality", attr="quality_rating"),
        Column("limit", _("Messaging limit"), template="accounts/numbers.html#limit", attr="messaging_limit"),
        Column("used", _("Used in 24 h"), template="accounts/numbers.html#used", attr="used_count", is_numeric=True),
        Column("speed", _("Speed"), template="accounts/numbers.html#speed", is_numeric=True, is_secondary=True),
        Column("heard", _("Last heard"), template="accounts/numbers.html#heard", attr="heard_at", is_secondary=True),
    )
    tabs = (
        Tab("", _("All")),
        Tab("connected", _("Connected"), IS_FINE),
        Tab("troubled", _("Need attention"), Q(IS_TROUBLED), tone="bad"),
    )
    search_fields = ("verified_name", "display_number", "phone_number_id", "account__name")
    search_label = _("Search numbers")
    default_sort = "name"
    empty_template = "accounts/numbers.html#first_use"
    no_results_title = _("No number matches")
    mobile = ("name", "status")
    csv_name = "numbers"

    def row_url(self, row: PhoneNumber) -> str:
        return reverse("accounts:number", args=[self.context["workspace_slug"], row.pk])
