"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class MessageTemplatesConfig(AppConfig):
    name = "channels_app.message_templates"
    label = "message_templates"
    verbose_name = "Message templates"
