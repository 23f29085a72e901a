"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig

from channels_app.webhooks import alert_kinds  # noqa: F401 - declares what this room tells


class WebhooksConfig(AppConfig):
    name = "channels_app.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"
