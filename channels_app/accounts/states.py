"""Status words of API credentials and channel configurations, with their legal moves."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

CREDENTIALS = StateMachine(
    "api_credentials",
    [
        State("unchecked", _("Not checked yet"), "mute", "circle-dashed"),
        State("valid", _("Working"), "ok", "circle-check"),
        State("failing", _("Needs attention"), "warn", "alert-triangle"),
        State("dead", _("Token refused"), "bad", "circle-x"),
    ],
    [
        Move("pass", _("Pass checks"), ("unchecked", "valid", "failing", "dead"), "valid"),
        Move("fail", _("Fail checks"), ("unchecked", "valid", "failing", "dead"), "failing"),
        Move("die", _("Refuse token"), ("unchecked", "valid", "failing", "dead"), "dead"),
    ],
)

CHANNEL = StateMachine(
    "channel_configuration",
    [
        State("draft", _("Draft"), "mute", "pencil"),
        State("processing", _("Processing"), "info", "loader-2"),
        State("active", _("Active"), "ok", "circle-check"),
        State("failed", _("Failed"), "bad", "circle-x"),
        State("deactivated", _("Deactivated"), "mute", "circle-minus"),
    ],
    [
        Move(
            "submit", _("Activate configuration"), ("draft", "failed", "deactivated"), "processing", "accounts.manage"
        ),
        Move("pass", _("Pass checks"), ("processing",), "active"),
        Move("fail", _("Fail checks"), ("processing",), "failed"),
        Move("deactivate", _("Deactivate configuration"), ("active",), "deactivated", "accounts.manage"),
    ],
)

# A renewed token on its way: the old one serves until this one has passed.
ROTATION = StateMachine(
    "token_rotation",
    [
        State("none", _("No new token"), "mute", "circle-minus"),
        State("checking", _("New token is being checked"), "info", "loader-2"),
        State("failed", _("New token not accepted"), "warn", "alert-triangle"),
    ],
    [
        Move("offer", _("Renew token"), ("none", "failed"), "checking", "accounts.manage"),
        Move("retry", _("Check the new token again"), ("failed",), "checking", "accounts.manage"),
        Move("accept", _("Use the new token"), ("checking",), "none"),
        Move("refuse", _("Refuse the new token"), ("checking",), "failed"),
        Move("withdraw", _("Discard the new token"), ("checking", "failed"), "none", "accounts.manage"),
    ],
    field="rotation",
)

CHANNEL_VERSION = StateMachine(
    "channel_version",
    [
        State("draft", _("Draft"), "mute", "pencil"),
        State("processing", _("Processing"), "info", "loader-2"),
        State("passed", _("Passed"), "ok", "circle-check", is_final=True),
        State("failed", _("Failed"), "bad", "circle-x"),
    ],
    [
        Move("revise", _("Edit"), ("draft", "failed"), "draft", "accounts.manage"),
        Move("submit", _("Submit"), ("draft", "failed"), "processing", "accounts.manage"),
        Move("pass", _("Pass checks"), ("processing",), "passed"),
        Move("fail", _("Fail checks"), ("processing",), "failed"),
        Move("withdraw", _("Back to draft"), ("processing",), "draft"),
    ],
)
