"""Connecting a workspace to Meta: the writes of this room, gathered from the module of each part."""

from channels_app.accounts.account_actions import add_account, import_numbers, refresh_account
from channels_app.accounts.channel_actions import (
    create_channel_configuration,
    deactivate_channel_configuration,
    finish_channel_check,
    submit,
    update_channel_configuration,
)
from channels_app.accounts.credential_actions import (
    add_credentials,
    check_credentials,
    delete_credentials,
    note_refused_token,
    renew_token,
)
from channels_app.accounts.number_actions import end_restrictions, hear_events, note_usage
from channels_app.accounts.number_events import apply_number_event
from channels_app.accounts.subscription_actions import (
    WEBHOOK_FIELDS,
    hear_webhook,
    subscribe_webhook,
    verify_webhook,
)

__all__ = [
    "WEBHOOK_FIELDS",
    "add_account",
    "add_credentials",
    "apply_number_event",
    "check_credentials",
    "create_channel_configuration",
    "deactivate_channel_configuration",
    "delete_credentials",
    "end_restrictions",
    "finish_channel_check",
    "hear_events",
    "hear_webhook",
    "import_numbers",
    "note_refused_token",
    "note_usage",
    "refresh_account",
    "renew_token",
    "submit",
    "subscribe_webhook",
    "update_channel_configuration",
    "verify_webhook",
]
