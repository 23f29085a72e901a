"""Addresses of the workspace's own pages: home, get started, search."""

from django.urls import URLPattern

app_name = "home"
urlpatterns: list[URLPattern] = []
