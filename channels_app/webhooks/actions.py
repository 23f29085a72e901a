"""What is done with webhooks: received, answered, applied."""

from channels_app.webhooks.applying import apply_again, apply_batch, claim
from channels_app.webhooks.receiving import CallRefused, answer_challenge, forget_ring, receive, refuse

__all__ = ["CallRefused", "answer_challenge", "apply_again", "apply_batch", "claim", "forget_ring", "receive", "refuse"]
