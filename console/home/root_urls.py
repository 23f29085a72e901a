"""Addresses outside any workspace: the root, health."""

from django.urls import URLPattern

app_name = "root"
urlpatterns: list[URLPattern] = []
