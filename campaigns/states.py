"""Status words of campaigns and their runs. "Completed" is computed from the ledger, never set."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

CAMPAIGN = StateMachine(
    "campaign",
    [
        State("draft", _("Draft"), "mute", "pencil"),
        State("scheduled", _("Scheduled"), "info", "calendar-event"),
        State("sending", _("Sending"), "info", "send"),
        State("paused", _("Paused"), "warn", "player-pause"),
        State("completed", _("Completed"), "mute", "flag-check", is_final=True),  # shown, never stored: see queries.py
        State("stopped", _("Stopped"), "mute", "player-stop", is_final=True),
        State("failed", _("Failed"), "bad", "circle-x", is_final=True),
        State("archived", _("Archived"), "mute", "archive", is_final=True),
    ],
    [
        Move("schedule", _("Schedule campaign"), ("draft",), "scheduled", "campaigns.activate"),
        Move("unschedule", _("Back to draft"), ("scheduled",), "draft", "campaigns.activate"),
        Move("start", _("Start sending"), ("draft", "scheduled"), "sending", "campaigns.activate"),
        Move("pause", _("Pause sending"), ("sending",), "paused", "campaigns.activate"),
        Move("resume", _("Resume sending"), ("paused",), "sending", "campaigns.activate"),
        Move("stop", _("Stop sending"), ("scheduled", "sending", "paused"), "stopped", "campaigns.activate"),
        Move("fail", _("Fail"), ("scheduled", "sending", "paused"), "failed"),
        Move("archive", _("Archive campaign"), ("draft", "sending", "stopped", "failed"), "archived", "campaigns.edit"),
    ],
)

RUN = StateMachine(
    "campaign_run",
    [
        State("waiting", _("Scheduled"), "info", "calendar-event"),
        State("preparing", _("Preparing"), "info", "loader-2"),
        State("sending", _("Sending"), "info", "send"),
        State("paused", _("Paused"), "warn", "player-pause"),
        State("stopped", _("Stopped"), "mute", "player-stop", is_final=True),
        State("failed", _("Failed"), "bad", "circle-x", is_final=True),
    ],
    [
        Move("begin", _("Start sending"), ("waiting",), "preparing"),
        Move("prepared", _("Prepared"), ("preparing",), "sending"),
        Move("pause", _("Pause sending"), ("preparing", "sending"), "paused"),
        Move("resume_preparing", _("Resume"), ("paused",), "preparing"),
        Move("resume_sending", _("Resume"), ("paused",), "sending"),
        Move("stop", _("Stop sending"), ("waiting", "preparing", "sending", "paused"), "stopped"),
        Move("fail", _("Fail"), ("waiting", "preparing", "sending", "paused"), "failed"),
    ],
)
