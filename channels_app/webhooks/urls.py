"""Addresses of the webhook vault inside a workspace."""

from django.urls import URLPattern

app_name = "webhooks"
urlpatterns: list[URLPattern] = []
