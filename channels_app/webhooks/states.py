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
        Move("apply", _("Apply"), ("stored", "partly", "applied"), "applied"),
        Move("apply_partly", _("Apply in part"), ("stored", "partly", "applied"), "partly"),
        Move("give_up", _("Give up"), ("stored",), "unreadable"),
    ],
)
