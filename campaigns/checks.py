"""The one checker of campaigns: composer, review, activation and the start of a run all ask here.

An error blocks, a warning advises and has to be accepted at activation. Each finding links to its field.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.exclusions import Eligibility
from campaigns.models import Campaign
from channels_app.accounts.purposes import misfit
from channels_app.content.checks import check_content
from console.kit import clock, wording
from console.workspaces.policies import open_policies

ERROR, WARNING = "error", "warning"
SECTIONS = ("properties", "audience", "message", "schedule")
LONG_LEAD = timedelta(days=30)


@dataclass(frozen=True)
class Finding:
    """Something to know before sending: `anchor` is the field's DOM id, `section` the part of the composer.

    `url` leads to the fix where it isn't in the composer.
    """

    code: str
    severity: str
    sentence: str | Promise
    anchor: str = ""
    section: str = "message"
    url: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR


def check_campaign(
    campaign: Campaign, eligibility: Eligibility | None = None, *, at_start: bool = False
) -> list[Finding]:
    """Everything that blocks or advises, errors first. Pass `eligibility` to check the counts too.

    `at_start` leaves out what only a person at the composer can mean (a time that has passed). Up to six queries.
    """
    found = [*_policies(campaign), *_properties(campaign), *_audience(campaign, eligibility), *_message(campaign)]
    if not at_start:
        found += _schedule(campaign)
    return sorted(found, key=lambda finding: not finding.is_error)


def errors(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.is_error]


def warnings(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if not finding.is_error]


def _policies(campaign: Campaign) -> list[Finding]:
    if not open_policies(campaign.workspace):
        return []
    sentence = _(
        "The policies of WhatsApp and Meta aren’t accepted yet. An owner or channel admin does it on Get started."
    )
    url = reverse("home:get_started", args=[campaign.workspace.slug]) + "#policies"
    return [Finding("policies_open", ERROR, sentence, "", "properties", url)]


def _properties(campaign: Campaign) -> list[Finding]:
    if campaign.name.strip():
        return []
    return [Finding("name_missing", ERROR, _("The campaign has no name. Give it one."), "id_name", "properties")]


def _audience(campaign: Campaign, eligibility: Eligibility | None) -> list[Finding]:
    if campaign.audience is None:
        return [Finding("audience_missing", ERROR, _("Choose an audience."), "id_audience", "audience")]
    found = []
    if campaign.audience.archived_at:
        sentence = _("The audience is archived. Choose another one or restore it.")
        found.append(Finding("audience_archived", ERROR, sentence, "id_audience", "audience"))
    if eligibility is None:
        return found
    if eligibility.audience == 0:
        sentence = _("Nobody is in this audience. Choose another one or add people to it.")
        found.append(Finding("audience_empty", ERROR, sentence, "id_audience", "audience"))
    elif eligibility.eligible == 0:
        sentence = _("Nobody in this audience can get the message. The reasons stand beside the count.")
        found.append(Finding("nobody_eligible", ERROR, sentence, "id_audience", "audience"))
    elif eligibility.eligible * 2 < eligibility.audience:
        sentence = _("Only %(eligible)s of %(audience)s people in the audience can get the message.") % {
            "eligible": wording.number(eligibility.eligible),
            "audience": wording.number(eligibility.audience),
        }
        found.append(Finding("few_eligible", WARNING, sentence, "id_audience", "audience"))
    return found


def _message(campaign: Campaign) -> list[Finding]:
    found = _channel(campaign)
    if campaign.content.version_id is None:
        return [*found, Finding("template_missing", ERROR, _("Choose a message template."), "id_version")]
    found += _template(campaign)
    found += [
        Finding(finding.code, finding.severity, finding.sentence, finding.anchor or "id_version")
        for finding in check_content(campaign.content)
    ]
    return found


def _channel(campaign: Campaign) -> list[Finding]:
    channel = campaign.channel_configuration
    if channel is None:
        sentence = _("Choose a channel configuration. It decides which number sends.")
        return [Finding("channel_missing", ERROR, sentence, "id_channel_configuration")]
    found: list[Finding] = []
    if channel.status != "active":
        sentence = _("The channel configuration “%(name)s” isn’t active. Choose an active one.") % {
            "name": channel.name
        }
        found.append(Finding("channel_inactive", ERROR, sentence, "id_channel_configuration"))
    if not channel.phone_number.can_send:
        sentence = _("The number %(number)s can’t send now: Meta reports it as %(status)s.") % {
            "number": channel.phone_number.display_number,
            "status": channel.phone_number.status or "–",
        }
        found.append(Finding("number_not_connected", ERROR, sentence, "id_channel_configuration"))
    if channel.phone_number.quality_rating.upper() in ("RED", "LOW"):
        sentence = _("The quality of %(number)s is low. Meta may slow it down or pause it.") % {
            "number": channel.phone_number.display_number
        }
        found.append(Finding("number_quality_low", WARNING, sentence, "id_channel_configuration"))
    return found


def _template(campaign: Campaign) -> list[Finding]:
    version, channel = campaign.content.version, campaign.channel_configuration
    if version is None or channel is None:
        return []
    found = []
    if version.translation.template.account_id != channel.phone_number.account_id:
        sentence = _("The template belongs to another WhatsApp Business Account than the sender.")
        found.append(Finding("template_other_account", ERROR, sentence, "id_version"))
    if sentence := misfit(channel.purpose, version.translation.category, channel.name):
        found.append(Finding("template_other_purpose", ERROR, sentence, "id_channel_configuration"))
    return found


def _schedule(campaign: Campaign) -> list[Finding]:
    if campaign.starts_at is None:
        return []
    now = clock.now()
    if campaign.starts_at <= now:
        sentence = _("The start, %(start)s, has passed. Choose a later time or send now.")
        return [_on_start("start_passed", ERROR, sentence % {"start": wording.when(campaign.starts_at)})]
    if campaign.starts_at > now + LONG_LEAD:
        sentence = _("The campaign starts in more than 30 days. Templates and audiences may change until then.")
        return [_on_start("start_far", WARNING, sentence)]
    return []


def _on_start(code: str, severity: str, sentence: str | Promise) -> Finding:
    return Finding(code, severity, sentence, "id_starts_on", "schedule")
