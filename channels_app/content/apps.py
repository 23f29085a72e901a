"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "channels_app.content"
    label = "content"
    verbose_name = "Content"
