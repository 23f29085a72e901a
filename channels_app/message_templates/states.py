"""Template statuses as Meta reports them (meta-cloud-api.md 3.4); Meta moves them, we record."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

_STATES = [
    State("PENDING", _("In review"), "info", "clock"),
    State("APPROVED", _("Approved"), "ok", "circle-check"),
    State("REJECTED", _("Rejected"), "bad", "circle-x"),
    State("PAUSED", _("Paused"), "warn", "player-pause"),
    State("DISABLED", _("Disabled"), "bad", "ban"),
    State("IN_APPEAL", _("Appealed"), "vio", "gavel"),
    State("PENDING_DELETION", _("Being deleted"), "mute", "trash"),
    State("DELETED", _("Deleted in Meta"), "mute", "trash"),
    State("LIMIT_EXCEEDED", _("Template limit reached"), "bad", "circle-x"),
    State("ARCHIVED", _("Archived"), "mute", "archive"),
    State("OTHER", _("Unknown status"), "warn", "help-circle"),
]
TEMPLATE = StateMachine(
    "message_template",
    _STATES,
    # Meta decides: every status may follow every other.
    [
        Move(f"report_{state.value.lower()}", state.label, tuple(s.value for s in _STATES), state.value)
        for state in _STATES
    ],
)

SYNC = StateMachine(
    "template_sync",
    [
        State("queued", _("Waiting"), "info", "clock"),
        State("running", _("Syncing"), "info", "refresh"),
        State("done", _("Synced"), "ok", "circle-check", is_final=True),
        State("failed", _("Sync failed"), "bad", "circle-x", is_final=True),
    ],
    [
        Move("request", _("Sync now"), ("done", "failed"), "queued", "templates.manage"),
        # From running too: a run whose worker died is taken over once it is stale (actions.claim_sync).
        Move("start", _("Start"), ("queued", "running", "done", "failed"), "running"),
        Move("finish", _("Finish"), ("running",), "done"),
        Move("fail", _("Fail"), ("running",), "failed"),
    ],
)
