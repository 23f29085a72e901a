"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "channels_app.delivery"
    label = "delivery"
    verbose_name = "Delivery"
