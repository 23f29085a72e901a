"""The life of one examination, and the words of one check's result."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

EXAMINATION = StateMachine(
    "examination",
    [
        State("queued", _("Waiting"), "info", "clock"),
        State("running", _("Checking"), "info", "loader-2"),
        State("done", _("Done"), "ok", "circle-check", is_final=True),
    ],
    [
        # From running too: a worker that died in the middle is taken over once its lease has run out.
        Move("start", _("Start"), ("queued", "running"), "running"),
        Move("finish", _("Finish"), ("running",), "done"),
    ],
)

# Not a machine: a result is made once and never changes.
PASSED, WARNING, FAILED, SKIPPED = "passed", "warning", "failed", "skipped"
RESULTS = {
    FAILED: State(FAILED, _("Failed"), "bad", "circle-x"),
    WARNING: State(WARNING, _("Warning"), "warn", "alert-triangle"),
    SKIPPED: State(SKIPPED, _("Not checked"), "mute", "circle-dashed"),
    PASSED: State(PASSED, _("Passed"), "ok", "circle-check"),
}
