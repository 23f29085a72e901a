"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "channels_app.doctor"
    label = "doctor"
    verbose_name = "Setup doctor"
