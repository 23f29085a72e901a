"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"
    label = "journeys"
    verbose_name = "Journeys"
