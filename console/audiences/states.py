"""Status words of imports, and consent's three values."""

from django.utils.translation import gettext_lazy as _

from console.kit.states import Move, State, StateMachine

IMPORT = StateMachine(
    "import",
    [
        State("uploaded", _("Uploaded"), "mute", "file-upload"),
        State("previewing", _("Checking"), "info", "loader-2"),
        State("ready", _("Ready to import"), "info", "clock"),
        State("importing", _("Importing"), "info", "loader-2"),
        State("done", _("Imported"), "ok", "circle-check", is_final=True),
        State("failed", _("Failed"), "bad", "circle-x", is_final=True),
        State("canceled", _("Canceled"), "mute", "circle-minus", is_final=True),
    ],
    [
        Move("preview", _("Check file"), ("uploaded", "ready"), "previewing", "profiles.import"),
        Move("previewed", _("Checked"), ("previewing",), "ready"),
        Move("start", _("Start import"), ("ready",), "importing", "profiles.import"),
        Move("finish", _("Finish"), ("importing",), "done"),
        Move("fail", _("Fail"), ("uploaded", "previewing", "ready", "importing"), "failed"),
        Move(
            "cancel",
            _("Cancel import"),
            ("uploaded", "previewing", "ready", "importing"),
            "canceled",
            "profiles.import",
        ),
    ],
)
