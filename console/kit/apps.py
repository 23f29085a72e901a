"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KitConfig(AppConfig):
    name = "console.kit"
    label = "kit"
    verbose_name = "Kit"

    def ready(self) -> None:
        # Tasks register themselves when their module is imported; web, cluster and tests must all know them.
        autodiscover_modules("tasks")
