"""Addresses that Meta posts to."""

from django.urls import URLPattern

app_name = "hooks"
urlpatterns: list[URLPattern] = []
