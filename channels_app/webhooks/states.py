"""The life of one webhook body and of the items inside it."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

WEBHOOK = StateMachine(
    "webhook_body",
    [
        State("stored", _("Waiting"), "info", "clock"),
        State("applied", _("Applied"), "ok", "circle-check", is_final=True),
        State("partly", _("Applied in part"), "warn", "alert-triangle", is_final=True),
        State("unreadable", _("Unreadable"), "bad", "circle-x", is_final=True),
    ],
    [
        Move("apply", _("Apply"), ("stored", "partly", "applied", "unreadable"), "applied"),
        Move("apply_partly", _("Apply in part"), ("stored", "partly", "applied", "unreadable"), "partly"),
        Move("give_up", _("Give up"), ("stored",), "unreadable"),
    ],
)

SELF_TEST = StateMachine(
    "webhook_self_test",
    [
        State("running", _("Running"), "info", "loader-2"),
        State("passed", _("Passed"), "ok", "circle-check", is_final=True),
        State("failed", _("Failed"), "bad", "circle-x", is_final=True),
    ],
    [
        Move("pass", _("Pass"), ("running",), "passed"),
        Move("fail", _("Fail"), ("running",), "failed"),
    ],
)

REPLAY = StateMachine(
    "webhook_replay",
    [
        State("queued", _("Queued"), "mute", "clock"),
        State("running", _("Running"), "info", "loader-2"),
        State("done", _("Done"), "ok", "circle-check", is_final=True),
        State("canceled", _("Canceled"), "mute", "circle-minus", is_final=True),
    ],
    [
        Move("start", _("Start"), ("queued", "running"), "running"),
        Move("finish", _("Finish"), ("running",), "done"),
        Move("cancel", _("Cancel replay"), ("queued", "running"), "canceled", "accounts.manage"),
    ],
)
