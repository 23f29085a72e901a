"""What the live page shows, from one state: progress, funnel, buckets that add up, and why people got nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.lists import CANCELED, EXPIRED
from campaigns.queries import CampaignState
from channels_app.delivery import reasons
from channels_app.delivery.queries import Buckets
from console.kit import wording
from console.workspaces.models import AuditEntry


@dataclass(frozen=True)
class LivePage:
    """The figures of the live page in the kit's shapes. Pure: no queries beyond those of the state."""

    state: CampaignState
    url: str

    @property
    def buckets(self) -> Buckets:
        return self.state.buckets or Buckets()

    @property
    def segments(self) -> list[dict[str, Any]]:
        """The stacked bar; the parts add up to the people who are to get the message."""
        counts = self.buckets
        parts = [
            {"label": _("Delivered"), "value": counts.delivered_total, "tone": "teal"},
            {"label": _("On its way"), "value": self.state.on_its_way, "tone": "pri"},
            {"label": _("Failed"), "value": counts.failed_total, "tone": "bad"},
        ]
        if counts.canceled or counts.expired:
            parts.append({"label": _("Stopped"), "value": counts.canceled + counts.expired, "tone": "mute"})
        return [*parts, {"label": _("Queued"), "value": counts.ready, "tone": "queued"}]

    @property
    def done_share(self) -> str:
        return wording.share(self.state.handed_over, self.state.to_send)

    @property
    def funnel(self) -> list[dict[str, Any]]:
        counts, to_send = self.buckets, self.state.to_send
        sent = counts.accepted_total + counts.failed_total
        queued = _("%(count)s still queued") % {"count": wording.number(counts.ready)}
        return [
            _stage(_("To send"), to_send, queued if counts.ready else "", "queued", self.people()),
            _stage(_("Sent"), sent, _("%(share)s of all") % {"share": wording.share(sent, to_send)}, "pri", ""),
            _stage(
                _("Delivered"),
                counts.delivered_total,
                _("%(share)s of sent") % {"share": wording.share(counts.delivered_total, sent)},
                "teal",
                "",
            ),
            _stage(
                _("Read"),
                counts.read,
                _("%(share)s of delivered") % {"share": wording.share(counts.read, counts.delivered_total)},
                "vio",
                self.people("read"),
            ),
            {
                **_stage(
                    _("Failed"),
                    counts.failed_total,
                    _("%(share)s of sent") % {"share": wording.share(counts.failed_total, sent)},
                    "bad",
                    self.people("failed") if counts.failed_total else "",
                ),
                "is_apart": True,
                "action": _("See the people"),
            },
        ]

    @property
    def bucket_rows(self) -> list[dict[str, Any]]:
        """Every bucket once, with a link to its people; `total` is what they add up to."""
        counts = self.buckets
        rows = (
            (_("Not sent"), counts.excluded_total, "mute", "excluded"),
            (_("Queued"), counts.ready, "queued", "queued"),
            (_("Leaving now"), counts.claimed, "info", "way"),
            (_("Unknown, Meta will tell"), counts.unknown, "warn", "way"),
            (_("Accepted by Meta"), counts.accepted, "pri", "way"),
            (_("Sent"), counts.sent, "pri", "way"),
            (_("Delivered"), counts.delivered, "teal", "delivered"),
            (_("Read"), counts.read, "vio", "read"),
            (_("Failed"), counts.failed_total, "bad", "failed"),
            (_("Stopped"), counts.canceled, "mute", "excluded"),
            (_("Too late"), counts.expired, "mute", "excluded"),
        )
        always = {"excluded", "queued", "delivered", "read", "failed"}
        return [
            {"label": label, "value": value, "tone": tone, "url": self.people(tab)}
            for label, value, tone, tab in rows
            if value or (tab in always and label not in (_("Stopped"), _("Too late")))
        ]

    @property
    def bucket_sum(self) -> int:
        return sum(row["value"] for row in self.bucket_rows)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Why messages failed, the most frequent first: words, Meta's code, what to do."""
        ranked = sorted(self.buckets.failed.items(), key=lambda item: -item[1])
        return [
            self._reason(reasons.explain_failure(code), count, "failed", str(code), "bad") for code, count in ranked
        ]

    @property
    def failed_title(self) -> str:
        count = self.buckets.failed_total
        return ngettext("Why %(count)s failed", "Why %(count)s failed", count) % {"count": wording.number(count)}

    @property
    def not_sent(self) -> list[dict[str, Any]]:
        """Why people of the audience were left out, the most frequent first."""
        counts = self.buckets
        ranked = sorted(counts.excluded.items(), key=lambda item: -item[1])
        rows = [
            self._reason(reasons.explain_exclusion(reason), count, "excluded", reason, "mute")
            for reason, count in ranked
        ]
        for reason, count in ((CANCELED, counts.canceled), (EXPIRED, counts.expired)):
            if count:
                rows.append(self._reason(reason, count, "excluded", reason.code, "mute"))
        return rows

    @property
    def not_sent_title(self) -> str:
        count = self.buckets.excluded_total + self.buckets.canceled + self.buckets.expired
        return ngettext("Why %(count)s was not sent", "Why %(count)s were not sent", count) % {
            "count": wording.number(count)
        }

    @property
    def stop_title(self) -> str:
        count = max(0, self.state.to_send - self.state.handed_over)
        return ngettext("Stop sending to %(count)s person?", "Stop sending to %(count)s people?", count) % {
            "count": wording.number(count)
        }

    def people(self, tab: str = "", reason: str = "") -> str:
        """The address of the people behind a number, on the same page."""
        query = urlencode({key: value for key, value in (("state", tab), ("reason", reason)) if value})
        return f"{self.url}?{query}#list" if query else f"{self.url}#list"

    def _reason(self, reason: reasons.Reason, count: int, tab: str, key: str, tone: str) -> dict[str, Any]:
        return {
            "title": reason.title,
            "code": key if key.lstrip("-").isdigit() and int(key) > 0 else "",
            "count": count,
            "text": f"{reason.sentence} {reason.remedy}".strip(),
            "url": self.people(tab, key),
            "tone": tone,
        }

    @property
    def reason_choices(self) -> list[tuple[str, str]]:
        """The reasons that occur in this run, for the filter of its people."""
        counts = self.buckets
        choices = [(reason, str(reasons.explain_exclusion(reason).title)) for reason in counts.excluded]
        choices += [(str(code), f"{reasons.explain_failure(code).title} ({code})") for code in counts.failed]
        choices += [
            (one.code, str(one.title)) for one, n in ((CANCELED, counts.canceled), (EXPIRED, counts.expired)) if n
        ]
        return choices

    @property
    def tab_counts(self) -> dict[str, int]:
        """People per tab of the recipient list. No query."""
        counts = self.buckets
        not_sent = counts.excluded_total + counts.canceled + counts.expired
        return {
            "": counts.audience,
            "trouble": not_sent + counts.failed_total,
            "queued": counts.ready,
            "way": self.state.on_its_way,
            "delivered": counts.delivered,
            "read": counts.read,
            "failed": counts.failed_total,
            "excluded": not_sent,
        }


def _stage(label: str, value: int, note: str, tone: str, url: str) -> dict[str, Any]:
    return {"label": label, "value": value, "note": note, "tone": tone, "url": url}


def trail_items(entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    """The campaign's history for the kit's timeline: who did what, when, and the reason that was given."""
    words = {
        "campaigns.create": (_("created the campaign"), "plus", "mute"),
        "campaigns.schedule": (_("scheduled it"), "calendar-event", "info"),
        "campaigns.unschedule": (_("took it back to draft"), "pencil", "mute"),
        "campaigns.start": (_("started sending"), "send", "info"),
        "campaigns.pause": (_("paused sending"), "player-pause", "warn"),
        "campaigns.resume": (_("resumed sending"), "player-play", "info"),
        "campaigns.release_template": (_("let the held template go"), "player-play", "info"),
        "campaigns.stop": (_("stopped the campaign"), "player-stop", "bad"),
        "campaigns.fail": (_("could not go on with it"), "circle-x", "bad"),
        "campaigns.archive": (_("archived it"), "archive", "mute"),
    }
    items = []
    for entry in entries:
        title, icon, tone = words.get(entry.action, (entry.action, "point", "mute"))
        reason = str(entry.changes.get("reason") or "")
        items.append(
            {"who": entry.actor_label, "title": title, "icon": icon, "tone": tone, "at": entry.at, "note": reason}
        )
    return items
