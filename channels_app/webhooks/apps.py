"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "channels_app.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"
