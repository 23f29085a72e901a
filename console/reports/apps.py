"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "console.reports"
    label = "reports"
    verbose_name = "Reports"
