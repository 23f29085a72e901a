"""The life of one ledger row: every targeted profile ends in exactly one of these."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

# Statuses that Meta reports only move forward along these ranks; late and doubled ones change nothing.
RANKS = {"accepted": 1, "sent": 2, "delivered": 3, "read": 4}
OPEN = ("ready", "claimed", "unknown", "accepted")
MESSAGE = StateMachine(
    "message",
    [
        State("excluded", _("Not sent"), "mute", "circle-minus", is_final=True),
        State("canceled", _("Stopped"), "mute", "player-stop", is_final=True),
        State("expired", _("Expired"), "mute", "clock-off", is_final=True),
        State("ready", _("Queued"), "mute", "clock"),
        State("claimed", _("Sending"), "info", "send"),
        State("unknown", _("Unknown"), "warn", "help-circle"),
        State("accepted", _("On its way"), "pri", "send"),
        State("sent", _("Sent"), "pri", "send"),
        State("delivered", _("Delivered"), "teal", "checks"),
        State("read", _("Read"), "vio", "eye", is_final=True),
        State("failed", _("Failed"), "bad", "circle-x", is_final=True),
    ],
    [
        Move("claim", _("Claim"), ("ready",), "claimed"),
        Move("exclude", _("Exclude"), ("ready",), "excluded"),
        Move("cancel", _("Stop"), ("ready",), "canceled"),
        Move("expire", _("Expire"), ("ready",), "expired"),
        Move("return", _("Try again later"), ("claimed",), "ready"),
        Move("accept", _("Accept"), ("claimed", "unknown"), "accepted"),
        Move("lose_track", _("Lose track"), ("claimed",), "unknown"),
        # A report about a row that waits for another try proves that Meta took the first one: it must not go again.
        Move("report_sent", _("Report sent"), OPEN, "sent"),
        Move("report_delivered", _("Report delivered"), (*OPEN, "sent"), "delivered"),
        Move("report_read", _("Report read"), (*OPEN, "sent", "delivered"), "read"),
        Move("fail", _("Fail"), (*OPEN, "sent"), "failed"),
    ],
)
