"""Addresses of profiles, audiences and imports."""

from django.urls import URLPattern

app_name = "audiences"
urlpatterns: list[URLPattern] = []
