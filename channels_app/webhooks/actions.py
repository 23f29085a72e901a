"""What is done with webhooks: received, answered, applied, tested, watched, replayed."""

from channels_app.webhooks.applying import apply_again, apply_batch, claim
from channels_app.webhooks.healing import heal
from channels_app.webhooks.receiving import CallRefused, answer_challenge, forget_ring, receive, refuse
from channels_app.webhooks.replaying import cancel_replay, start_replay
from channels_app.webhooks.replaying import due as due_replays
from channels_app.webhooks.replaying import let_go as let_go_replay
from channels_app.webhooks.replaying import step as step_replay
from channels_app.webhooks.replaying import take as take_replay
from channels_app.webhooks.self_tests import expire as expire_self_tests
from channels_app.webhooks.self_tests import run as run_self_test
from channels_app.webhooks.self_tests import start_self_test
from channels_app.webhooks.watching import watch_refusals, watch_silence, watch_unknown_numbers

__all__ = [
    "CallRefused",
    "answer_challenge",
    "apply_again",
    "apply_batch",
    "cancel_replay",
    "claim",
    "due_replays",
    "expire_self_tests",
    "forget_ring",
    "heal",
    "let_go_replay",
    "receive",
    "refuse",
    "run_self_test",
    "start_replay",
    "start_self_test",
    "step_replay",
    "take_replay",
    "watch_refusals",
    "watch_silence",
    "watch_unknown_numbers",
]
