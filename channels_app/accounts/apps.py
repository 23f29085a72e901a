"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig

from channels_app.accounts import alert_kinds  # noqa: F401 - declares what this room tells


class AccountsConfig(AppConfig):
    name = "channels_app.accounts"
    label = "accounts"
    verbose_name = "Accounts"
