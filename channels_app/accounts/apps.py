"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "channels_app.accounts"
    label = "accounts"
    verbose_name = "Accounts"
