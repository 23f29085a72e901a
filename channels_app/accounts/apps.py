"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    name = "channels_app.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # Rooms above say here who uses a channel configuration: see usages.py.
        autodiscover_modules("channel_usages")
