"""Django's handle on the simulator: only so that `manage.py simulator` is found. No models, no ORM."""

from django.apps import AppConfig


class SimulatorConfig(AppConfig):
    """The app holds a management command and nothing else that Django sees."""

    name = "channels_app.simulator"
    label = "simulator"
    verbose_name = "Cloud API simulator"
