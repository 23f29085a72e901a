"""The life of one delivery of an alert to an outgoing webhook."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

DELIVERY = StateMachine(
    "alert_delivery",
    [
        State("waiting", _("Waiting"), "info", "clock"),
        State("delivered", _("Delivered"), "ok", "circle-check", is_final=True),
        State("failed", _("Given up"), "bad", "circle-x"),
    ],
    [
        Move("deliver", _("Deliver"), ("waiting",), "delivered"),
        Move("give_up", _("Give up"), ("waiting",), "failed"),
        Move("retry", _("Send again"), ("failed", "delivered"), "waiting", "workspace.manage"),
    ],
)
