"""Connecting a workspace to Meta: the writes of this room, gathered from the module of each part."""

from channels_app.accounts.account_actions import add_account, due_for_reading, import_numbers, refresh_account
from channels_app.accounts.channel_actions import (
    create_channel_configuration,
    deactivate_channel_configuration,
    discard_update,
    go_back,
    submit,
    update_channel_configuration,
)
from channels_app.accounts.channel_checking import finish_channel_check, recheck_channel
from channels_app.accounts.credential_actions import (
    add_credentials,
    change_credentials,
    check_credentials,
    delete_credentials,
    note_refused_token,
)
from channels_app.accounts.number_actions import end_restrictions, hear_events, note_usage
from channels_app.accounts.number_events import apply_number_event
from channels_app.accounts.registration import add_number, deregister, register, request_code, set_pin, verify_code
from channels_app.accounts.rotation_actions import check_candidate, offer_token, retry_token, withdraw_token
from channels_app.accounts.sender_actions import choose_senders, connect_accounts
from channels_app.accounts.subscription_actions import (
    WEBHOOK_FIELDS,
    disconnect_webhook,
    hear_webhook,
    note_handshake,
    override_account,
    override_number,
    read_subscription,
    remove_account_override,
    remove_number_override,
    set_silence_minutes,
    subscribe_webhook,
    unsubscribe_account,
    verify_webhook,
)

__all__ = [
    "WEBHOOK_FIELDS",
    "add_account",
    "add_credentials",
    "add_number",
    "apply_number_event",
    "change_credentials",
    "check_candidate",
    "check_credentials",
    "choose_senders",
    "connect_accounts",
    "create_channel_configuration",
    "deactivate_channel_configuration",
    "delete_credentials",
    "deregister",
    "discard_update",
    "disconnect_webhook",
    "due_for_reading",
    "end_restrictions",
    "finish_channel_check",
    "go_back",
    "hear_events",
    "hear_webhook",
    "import_numbers",
    "note_handshake",
    "note_refused_token",
    "note_usage",
    "offer_token",
    "override_account",
    "override_number",
    "read_subscription",
    "recheck_channel",
    "refresh_account",
    "register",
    "remove_account_override",
    "remove_number_override",
    "request_code",
    "retry_token",
    "set_pin",
    "set_silence_minutes",
    "submit",
    "subscribe_webhook",
    "unsubscribe_account",
    "update_channel_configuration",
    "verify_code",
    "verify_webhook",
    "withdraw_token",
]
