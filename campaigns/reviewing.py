"""What the review page shows: counts that add up, the forecast, and the words on the button."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import checks
from campaigns.checks import Finding
from campaigns.exclusions import TONES, Eligibility
from campaigns.models import Campaign
from campaigns.people import GETS_IT
from campaigns.queries import Forecast
from channels_app.delivery import reasons
from console.kit import wording


@dataclass(frozen=True)
class ReviewPage:
    """The figures of the review in the kit's shapes. Pure: no queries."""

    campaign: Campaign
    who: Eligibility | None
    findings: list[Finding]
    forecast: Forecast | None
    composer_url: str
    people_url: str

    @property
    def eligible(self) -> int:
        return self.who.eligible if self.who else 0

    @property
    def audience(self) -> int:
        return self.who.audience if self.who else 0

    @property
    def errors(self) -> list[Finding]:
        return checks.errors(self.findings)

    @property
    def warnings(self) -> list[Finding]:
        return checks.warnings(self.findings)

    @property
    def is_blocked(self) -> bool:
        return bool(self.errors)

    @property
    def waterfall(self) -> list[dict[str, Any]]:
        """From the audience to the recipients, reason by reason; the rows add up."""
        rows: list[dict[str, Any]] = [
            {
                "label": _("In the audience"),
                "value": self.audience,
                "kind": "total",
                "tone": "queued",
                "url": self.people_url,
            }
        ]
        rows += [{**segment, "kind": "minus"} for segment in exclusion_segments(self.who, self.people_url)]
        url = f"{self.people_url}?state={GETS_IT}"
        return [*rows, {"label": _("Recipients"), "value": self.eligible, "kind": "total", "tone": "pri", "url": url}]

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return alert_items(self.errors, self.composer_url)

    @property
    def limit_sentence(self) -> str:
        """What the portfolio's messaging limit means for this send; "" while Meta has not told it."""
        if self.forecast is None or not self.forecast.limit_per_day:
            return ""
        facts = {"limit": wording.number(self.forecast.limit_per_day), "count": wording.number(self.eligible)}
        if self.eligible <= self.forecast.limit_per_day:
            return _("Fits the messaging limit of %(limit)s people in 24 hours.") % facts
        facts["days"] = wording.number(-(-self.eligible // self.forecast.limit_per_day))
        return (
            _(
                "Meta lets this business write to %(limit)s people in 24 hours. To reach all %(count)s takes at least"
                " %(days)s days: at the limit the number rests until Meta takes more."
            )
            % facts
        )

    @property
    def is_over_limit(self) -> bool:
        return bool(self.forecast and self.forecast.limit_per_day and self.eligible > self.forecast.limit_per_day)

    @property
    def button(self) -> str:
        """What the button does, in its own words."""
        if self.campaign.starts_at is not None:
            return _("Schedule for %(start)s") % {
                "start": wording.when(self.campaign.starts_at, with_zone=True, in_sentence=True)
            }
        return ngettext("Send to %(count)s person now", "Send to %(count)s people now", self.eligible) % {
            "count": wording.number(self.eligible)
        }


def exclusion_segments(who: Eligibility | None, url: str = "") -> list[dict[str, Any]]:
    """The excluded by reason for breakdown and waterfall; the link leads to the people with that reason."""
    return [
        {
            "label": reasons.explain_exclusion(reason).title,
            "value": count,
            "tone": TONES.get(reason, "mute"),
            "url": f"{url}?state={reason}" if url else "",
        }
        for reason, count in (who.excluded if who else ())
    ]


def alert_items(findings: list[Finding], composer_url: str = "") -> list[dict[str, Any]]:
    """Findings for the kit's alert list, each linked to its field."""
    return [
        {
            "tone": "bad" if finding.is_error else "warn",
            "title": "",
            "text": finding.sentence,
            "url": finding.url or (f"{composer_url}#{finding.anchor}" if finding.anchor else ""),
            "action": _("Go there") if finding.url else _("Go to the field"),
        }
        for finding in findings
    ]
