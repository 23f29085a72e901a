"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class AudiencesConfig(AppConfig):
    name = "console.audiences"
    label = "audiences"
    verbose_name = "Audiences"
