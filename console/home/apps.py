"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "console.home"
    label = "home"
    verbose_name = "Home"
