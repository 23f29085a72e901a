"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AlertsConfig(AppConfig):
    name = "console.alerts"
    label = "alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        # Kinds register themselves when their module is imported, in every room that has one.
        autodiscover_modules("alert_kinds")
