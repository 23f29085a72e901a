"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DoctorConfig(AppConfig):
    name = "channels_app.doctor"
    label = "doctor"
    verbose_name = "Setup doctor"

    def ready(self) -> None:
        autodiscover_modules("alert_kinds")  # kinds declare themselves when they are imported; once is enough
