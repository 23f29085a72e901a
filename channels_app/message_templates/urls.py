"""Addresses of message templates."""

from django.urls import URLPattern

app_name = "message_templates"
urlpatterns: list[URLPattern] = []
