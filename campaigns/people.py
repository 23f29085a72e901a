"""The people of a draft's audience behind each number: who gets the message, and who doesn't with the reason."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import exclusions, queries, rehearsal
from campaigns.addresses import is_plain, reaches_user_ids
from campaigns.exclusions import ELIGIBLE, Eligibility
from campaigns.freezing import chain_of
from campaigns.models import Campaign
from channels_app.delivery import reasons
from console.audiences import phone_fields
from console.audiences import queries as audiences
from console.audiences.models import Profile
from console.kit import clock
from console.kit.lists import Column, ListPage, Tab
from console.kit.wording import masked_phone

GETS_IT = "eligible"


def people(campaign: Campaign) -> QuerySet[Any]:
    """The audience with `reason`, "" for who gets the message as far as the database knows. No query yet."""
    if campaign.audience is None:
        return Profile.objects.none()
    members = Profile.objects.filter(pk__in=audiences.members(campaign.audience).order_by().values("pk"))
    purpose, fields = queries.purpose_of(campaign), chain_of(campaign)
    return exclusions.with_reason(members, purpose=purpose, at=clock.now(), fields=fields)


class AudiencePeople(ListPage):
    """One tab per reason that occurs, with its count; rows by profile, numbers masked for those who may not see them."""

    columns_url = reverse_lazy("me:columns")
    key = "campaign-people"
    columns = (
        Column("person", gettext_lazy("Person"), template="campaigns/people.html#person", value=str, is_key=True),
        Column("number", gettext_lazy("Number"), template="campaigns/people.html#number"),
        Column("country", gettext_lazy("Country"), attr="country", is_secondary=True),
        Column("why", gettext_lazy("Why"), template="campaigns/people.html#why"),
    )
    search_fields = ("name",)
    search_label = gettext_lazy("Search by name")
    default_sort = "pk"
    no_results_title = gettext_lazy("Nobody matches")
    mobile = ("person", "why")

    def __init__(self, request: HttpRequest, campaign: Campaign, who: Eligibility, *, can_see_numbers: bool) -> None:
        self.tabs = tabs(campaign, who, request.GET.get("state", ""))  # type: ignore[misc]
        counts = {"": who.audience, GETS_IT: who.eligible, **dict(who.excluded)}
        context = {"can_see_numbers": can_see_numbers, "workspace_slug": campaign.workspace.slug}
        self.campaign, self.fields = campaign, chain_of(campaign)
        super().__init__(request, people(campaign), counts=lambda: counts, context=context)

    @property
    def reason(self) -> str:
        """The reason whose tab is open; "" for everybody and for those who get the message."""
        wanted = self.query.get("state", "")
        return wanted if wanted in exclusions.ORDER else ""

    def row_url(self, row: Profile) -> str:
        return reverse("audiences:profile", args=[self.context["workspace_slug"], row.pk])

    def shown_number(self, row: Profile) -> str:
        """The number that the message goes to: of the first field of the chain that holds one."""
        user_id = row.bsuid or "" if reaches_user_ids(queries.purpose_of(self.campaign)) else ""
        number = row.phone or user_id
        if not is_plain(self.fields):
            held = {"phone": row.phone, "attributes": row.attributes}
            number = phone_fields.find(held, self.fields, self.campaign.workspace.default_country).address or user_id
        return number if self.context["can_see_numbers"] else masked_phone(number)

    def why(self, row: Any) -> reasons.Reason | None:
        """The reason of a row in words; None for who gets the message. No query."""
        reason = row.reason or self.reason
        return reasons.explain_exclusion(reason) if reason else None


def tabs(campaign: Campaign, who: Eligibility, open_tab: str) -> tuple[Tab, ...]:
    """Everybody, who gets it, and each reason that occurs. Looks closer at the eligible only when such a tab is open."""
    found = rehearsal.people_found(campaign) if open_tab in (GETS_IT, *(reason for reason, _n in who.excluded)) else {}
    unfit = [pk for pks in found.values() for pk in pks]
    gets_it = Tab(GETS_IT, _("Gets the message"), Q(reason=ELIGIBLE) & ~Q(pk__in=unfit))
    return (
        Tab("", _("Everybody")),
        gets_it,
        *(
            Tab(
                reason,
                reasons.explain_exclusion(reason).title,
                Q(reason=reason) | Q(pk__in=found[reason]) if reason in found else Q(reason=reason),
            )
            for reason, _count in who.excluded
        ),
    )
